import { FormToken, type Look, Notice } from "../ui.tsx";

type Props = Look & {
  formToken: string;
  setupId: string;
  kinds: ("card" | "bank")[];
  cardsOff: boolean;
  /** `autopay`: the one that this replaces is what autopay draws on. */
  typed: { kind: string; usual: boolean; autopay: boolean };
  /** The agreement, a paragraph each, and what stands for it word for word. */
  terms: string[];
  termsHash: string;
  problem: string | null;
};

/** What to add, what one agrees to by that, and on to the page where the number is typed. */
export const NewMethodPage = (props: Props) => {
  const { t, kinds, typed, problem } = props;
  const { methods } = t;
  const chosen = kinds.length === 1 ? kinds[0] : typed.kind;
  return (
    <>
      <h1>{methods.new.title}</h1>
      {problem && (
        <Notice kind="problem" answers>
          {problem}
        </Notice>
      )}
      {props.cardsOff && <Notice kind="note">{methods.cardsOff}</Notice>}
      {kinds.length === 0 ? (
        <p class="card">{methods.new.neither}</p>
      ) : (
        <form method="post" action="/payment-methods" class="card stack" autocomplete="off">
          <FormToken token={props.formToken} />
          <input type="hidden" name="setup_id" value={props.setupId} />
          <input type="hidden" name="terms" value={props.termsHash} />
          {typed.autopay && <input type="hidden" name="autopay" value="1" />}
          <fieldset>
            <legend>{methods.new.kind}</legend>
            {kinds.map((kind) => (
              <p>
                <label class="tick">
                  <input type="radio" name="kind" value={kind} checked={chosen === kind} required />{" "}
                  <span>
                    {kind === "card" ? methods.new.card : methods.new.bank}{" "}
                    {kind === "bank" && <small>{methods.new.bankNote}</small>}
                  </span>
                </label>
              </p>
            ))}
          </fieldset>
          <p>
            <label class="tick">
              <input type="checkbox" name="usual" value="1" checked={typed.usual} /> {methods.new.usual}
            </label>
          </p>
          {typed.autopay && <p>{methods.new.autopayNote}</p>}
          <fieldset>
            <legend>{methods.new.terms}</legend>
            <div class="stack">
              {props.terms.map((paragraph) => (
                <p>{paragraph}</p>
              ))}
            </div>
            {/* Never ticked beforehand, nor again after a refusal: it is said anew each time. */}
            <p>
              <label class="tick">
                <input type="checkbox" name="agree" value="yes" required /> {methods.new.agree}
              </label>
            </p>
          </fieldset>
          <p>
            <button type="submit">{methods.new.button}</button>
          </p>
          <p>
            <small>{methods.new.note}</small>
          </p>
        </form>
      )}
      <p>
        <a href="/payment-methods">{methods.title}</a>
      </p>
    </>
  );
};
