/** Getting in for the first time: what to type, and what happens then. */
export const register = {
  link: "New here? Register",
  title: "Register",
  lead: (dealer: string) => `See and pay your ${dealer} invoices online. You need to do this once.`,
  known: "Registered already? Sign in",
  neither: (dealer: string) => `${dealer} lets people in by invitation. Call or write to us, and we send you one.`,
  byEmail: {
    title: "With your e-mail address",
    lead: "If it is on file with us, it is all we need.",
    button: "Send me a link",
  },
  byKey: {
    title: "With your invoice",
    lead: "Customer number and registration key are at the bottom of your invoice.",
    number: "Customer number",
    key: "Registration key",
    keyHint: "Capital or small letters, dashes and spaces make no difference.",
    zip: "ZIP code",
    zipHint: "Of the address that your invoice goes to.",
    first_name: "First name",
    last_name: "Last name",
    nameHint: "A nickname is fine.",
    strictHint: "As it is on your invoice.",
    phone: "Phone, with area code",
    button: "Register",
  },
  missing: {
    number: "Type your customer number. It is at the bottom of your invoice.",
    key: "Type your registration key. It is at the bottom of your invoice.",
    zip: "Type the ZIP code of the address that your invoice goes to.",
    email: "Type your whole e-mail address, such as name@example.com.",
    first_name: "Type your first name.",
    last_name: "Type your last name.",
    phone: "Type your phone number, with area code.",
  },
  add: {
    title: "Add an account",
    lead: (email: string, account: string) =>
      `This adds ${account} to what you see when you sign in as ${email}. Your password stays as it is.`,
    button: "Add this account",
  },
  sentTitle: "Look in your mail",
  sentByEmail: (email: string) => `If ${email} is on file with us, a mail is on its way to it.`,
  sentByKey:
    "If this agrees with our records, a mail is on its way to the e-mail address that we have on file for this account.",
  noneOnFile: (email: string) =>
    `If we have none on file, our office checks what you typed and then writes to ${email}.`,
  name: "Name",
  typed: "What you typed",
  sentNote:
    "Nothing after a few minutes? Look in your spam folder and check what you typed. If your e-mail address has changed, call us.",
  again: "Change it and try again",
};
