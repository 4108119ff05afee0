/** Getting in: links, passwords, and the letters about them. */
export const access = {
  why: (dealer: string) => `This mail is about signing in to ${dealer} online.`,
  stuck: (phone: string) => `Stuck? Call us: ${phone}.`,
  notYou: (phone: string) => `If this was not you, call us at once: ${phone}.`,
  profileButton: "See your profile",
  letters: {
    registration: {
      subject: (dealer: string) => `See your ${dealer} account online`,
      lead: (dealer: string, account: string) =>
        `You asked to see your ${dealer} account online${account ? ` (${account})` : ""}. Choose a password and you are in. If you sign in here already, this adds the account.`,
      button: "See my account",
      lasts: "This link works once, for one day. You can ask for a new one at any time.",
      notYou: "If you did not ask for this, do nothing: nothing happens without the link.",
    },
    temporary_password: {
      subject: (dealer: string) => `Your temporary password for ${dealer}`,
      lead: (dealer: string) =>
        `Sign in to ${dealer} with this e-mail address and the password below. You then choose your own.`,
      button: "Sign in",
      lasts: "It works once, for three days. Capital and small letters matter; all of these are small.",
      notYou: "If you did not ask for this, do nothing.",
    },
    password_reset: {
      subject: (dealer: string) => `Choose a new password for ${dealer}`,
      lead: (dealer: string) => `You asked for a new password for ${dealer}.`,
      button: "Choose a new password",
      lasts: "This link works once, for one day. If you asked more than once, only the newest works.",
      notYou: "If you did not ask for this, do nothing: your old password still works.",
    },
    invitation: {
      subject: (dealer: string) => `You are invited to an account with ${dealer}`,
      lead: (dealer: string, account: string) =>
        `You are invited to see ${account ? `the account of ${account}` : "an account"} with ${dealer} online.`,
      button: "See the invitation",
      lasts: "This link works once, for 14 days.",
      notYou: "If you do not know what this is, do nothing.",
    },
    email_confirmation: {
      subject: (dealer: string) => `Confirm your new e-mail address for ${dealer}`,
      lead: (dealer: string) => `You want to sign in to ${dealer} with this e-mail address from now on.`,
      button: "Confirm this address",
      lasts: "This link works once, for one day. Until then your old address stays.",
      notYou: "If you did not ask for this, do nothing: nothing changes without the link.",
    },
  },
  notices: {
    password_changed: {
      subject: (dealer: string) => `Your ${dealer} password was changed`,
      lead: (dealer: string) =>
        `The password of your ${dealer} sign-in was just changed. Other devices are signed out.`,
    },
    email_changing: {
      subject: (dealer: string) => `Your ${dealer} sign-in is getting a new e-mail address`,
      lead: (dealer: string) =>
        `Somebody who is signed in as you asked ${dealer} to use another e-mail address. It changes once that address is confirmed.`,
    },
    email_changed: {
      subject: (dealer: string) => `Your ${dealer} sign-in has a new e-mail address`,
      lead: (dealer: string) => `You now sign in to ${dealer} with another e-mail address. This one no longer works.`,
    },
    two_step_on: {
      subject: (dealer: string) => `Two-step sign-in is on for ${dealer}`,
      lead: (dealer: string) => `Signing in to ${dealer} now also asks for a code from your authenticator app.`,
    },
    two_step_off: {
      subject: (dealer: string) => `Two-step sign-in is off for ${dealer}`,
      lead: (dealer: string) => `Signing in to ${dealer} no longer asks for a code.`,
    },
    provider_linked: {
      subject: (dealer: string) => `A new way to sign in to ${dealer}`,
      lead: (dealer: string) => `You can now also sign in to ${dealer} with an account of Google, Microsoft or Apple.`,
    },
    provider_unlinked: {
      subject: (dealer: string) => `A way to sign in to ${dealer} was removed`,
      lead: (dealer: string) => `An account of Google, Microsoft or Apple no longer signs you in to ${dealer}.`,
    },
  },
  forgot: {
    link: "Forgot your password?",
    title: "Forgot your password",
    lead: "Type your e-mail address. We send you a link to choose a new password.",
    button: "Send me a link",
    sentTitle: "Look in your mail",
    sent: "If that address has a sign-in here, a link is on its way to it. It works for one day.",
    sentNote: "Nothing after a few minutes? Look in your spam folder, check the address, or call us.",
    again: "Try another address",
  },
  password: {
    title: "Choose a password",
    leadFor: (email: string) => `This is for ${email}.`,
    rules: "At least 10 characters. Anything goes: words, spaces, symbols. Capital and small letters matter.",
    new: "New password",
    again: "The same once more",
    button: "Save password and sign in",
    saved: "Your new password is saved.",
    problems: {
      short: "That is too short. Use at least 10 characters; three or four words work well.",
      long: "That is too long. Use at most 256 characters.",
      common: "That password is among the first that anybody would guess. Choose another.",
      email: "Your password must not contain your e-mail address. Choose another.",
      different: "The two are not the same. Type the new password twice.",
    },
    deadTitle: "This link no longer works",
    dead: "It was used, replaced by a newer one, or is too old.",
    deadNote: "Ask for a new one below. It takes a minute.",
  },
};
