import { FormToken, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = {
  formToken: string;
  url: string;
  /** Only for those who may change it. */
  secret: string | null;
  active: boolean;
  mayChange: boolean;
  said: Said | null;
};

/** Where the dealer's own software is told of money, as it moves. */
export const OfficeWebhookPage = ({ formToken, url, secret, active, mayChange, said }: Props) => (
  <OfficeFrame title="Webhook" here="/office/export" said={said}>
    <p>
      Every line of the <a href="/office/export">export</a> is sent to this address as it is written, signed by the{" "}
      <a href="https://www.standardwebhooks.com">Standard Webhooks</a> rules. What is not taken is tried again for three
      days; then it is on your worklist. The same line may come twice, always by the same <code>webhook-id</code>.
    </p>
    {mayChange ? (
      <>
        <form method="post" action="/office/webhook" class="card stack">
          <FormToken token={formToken} />
          <p>
            <label>
              Address <input type="url" name="url" value={url} maxlength={500} placeholder="https://" />
            </label>{" "}
            <small>Empty: nothing is sent.</small>
          </p>
          <p>
            <button type="submit">Save</button>
          </p>
        </form>
        {secret && (
          <div class="card">
            <h2>Secret</h2>
            <p>
              <code>{secret}</code>
            </p>
            <form method="post" action="/office/webhook/secret">
              <FormToken token={formToken} />
              <button type="submit" class="second">
                Make a new secret
              </button>
            </form>
          </div>
        )}
        {active && (
          <form method="post" action="/office/webhook/test">
            <FormToken token={formToken} />
            <button type="submit" class="second">
              Send a test
            </button>
          </form>
        )}
      </>
    ) : (
      <p class="card">{active ? `It is sent to ${url}.` : "Nothing is sent."} Only the owner changes that.</p>
    )}
  </OfficeFrame>
);
