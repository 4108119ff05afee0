import { dateText } from "../text/dates.ts";
import { FormToken, type Look, methodText, Notice } from "../ui.tsx";
import { Now } from "./autopay.tsx";

/** What is typed and ticked, as it stands in the form. */
export type AutopayChoices = {
  method: string;
  day: string;
  monitoring: boolean;
  others: string;
  ask: string;
};

type Method = { id: string; kind: string; brand: string; lastFour: string; isDefault: boolean };

export type ChoicesProps = Look & {
  choices: AutopayChoices;
  methods: Method[];
  /** The day, where neither the dealer nor the office leaves it to the customer. */
  fixedDay: number | null;
  isOn: boolean;
  problem: string | null;
};

/** First step: choose. Nothing changes by it, so it is a GET. */
export const ChoicesPage = ({ t, choices, methods, fixedDay, isOn, problem }: ChoicesProps) => {
  const { form } = t.autopay;
  return (
    <div class="narrow">
      <h1>{isOn ? form.changeTitle : form.title}</h1>
      {problem && (
        <Notice kind="problem" answers>
          {problem}
        </Notice>
      )}
      {methods.length === 0 ? (
        <p class="card">
          {t.autopay.noMethod} <a href="/payment-methods">{t.autopay.addMethod}</a>
        </p>
      ) : (
        <form method="get" action="/autopay/enrolment" class="card stack">
          <p>{form.lead}</p>
          <fieldset>
            <legend>{form.method}</legend>
            {methods.map((method) => (
              <p>
                <label class="tick">
                  <input type="radio" name="method" value={method.id} checked={choices.method === method.id} required />{" "}
                  {methodText(method, t)}
                </label>
              </p>
            ))}
          </fieldset>
          <p>
            <a href="/payment-methods">{t.autopay.addMethod}</a>
          </p>
          {fixedDay === null ? (
            <p>
              <label>
                {form.day}{" "}
                <select name="day">
                  {Array.from({ length: 28 }, (_, i) => String(i + 1)).map((day) => (
                    <option value={day} selected={day === choices.day}>
                      {day}
                    </option>
                  ))}
                </select>
              </label>
            </p>
          ) : (
            <p>{form.dayFixed(fixedDay)}</p>
          )}
          <fieldset>
            <legend>{form.what}</legend>
            <p>
              <label class="tick">
                <input type="checkbox" name="monitoring" value="1" checked={choices.monitoring} /> {form.monitoring}
              </label>
            </p>
          </fieldset>
          <p>
            <label>
              {form.others} <input name="others" value={choices.others} inputmode="decimal" maxlength={16} />{" "}
              <small>{form.othersHint}</small>
            </label>
          </p>
          <p>
            <label>
              {form.ask} <input name="ask" value={choices.ask} inputmode="decimal" maxlength={16} />{" "}
              <small>{form.askHint}</small>
            </label>
          </p>
          <p>
            <button type="submit">{form.go}</button>
          </p>
        </form>
      )}
    </div>
  );
};

export type ReviewProps = Look & {
  formToken: string;
  agreementId: string;
  choices: AutopayChoices;
  words: string;
  wordsHash: string;
  firstDraftOn: string;
  isOn: boolean;
  openCents: number;
  name: string;
  problem: string | null;
};

/** Second step: the real date, the exact words, a box that nobody has ticked, and the name. */
export const ReviewPage = (p: ReviewProps) => {
  const { t, language, choices } = p;
  const { review } = t.autopay;
  const on = dateText(p.firstDraftOn, language);
  const query = new URLSearchParams({ ...choices, monitoring: choices.monitoring ? "1" : "", back: "1" });
  return (
    <div class="narrow">
      <h1>{review.title}</h1>
      {p.problem && (
        <Notice kind="problem" answers>
          {p.problem}
        </Notice>
      )}
      <Notice kind="note">
        <p>{p.isOn ? review.nextDraft(on) : review.first(on)}</p>
        <p>{review.firstNote}</p>
      </Notice>
      {!p.isOn && <Now {...p} />}
      <form method="post" action="/autopay" class="card stack">
        <FormToken token={p.formToken} />
        <input type="hidden" name="agreement_id" value={p.agreementId} />
        <input type="hidden" name="words" value={p.wordsHash} />
        <input type="hidden" name="method" value={choices.method} />
        <input type="hidden" name="day" value={choices.day} />
        <input type="hidden" name="monitoring" value={choices.monitoring ? "1" : ""} />
        <input type="hidden" name="others" value={choices.others} />
        <input type="hidden" name="ask" value={choices.ask} />
        <h2>{review.words}</h2>
        <p>{p.words}</p>
        <p>
          <label class="tick">
            <input type="checkbox" name="agree" value="yes" required /> {review.agree}
          </label>
        </p>
        <p>
          <label>
            {review.name} <input name="name" value={p.name} autocomplete="name" maxlength={100} required />
          </label>
        </p>
        <p>
          <button type="submit">{p.isOn ? review.save : review.submit}</button>
        </p>
        <p>
          <a href={`/autopay/enrolment?${query}`}>{review.back}</a>
        </p>
      </form>
    </div>
  );
};
