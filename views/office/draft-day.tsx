import { dateText, timeText } from "../text/dates.ts";
import { Fact, FormToken, type Look, Money, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Props = Look & {
  timeZone: string;
  formToken: string;
  on: string;
  day: {
    cents: number;
    mostCents: number;
    count: number;
    haltedAt: number;
    letGo: { at: number | null; by: string | null };
  };
  /** Its drafts are not made any more. */
  isOver: boolean;
  said: Said | null;
};

/** A day whose drafts come to more than usual: both figures, and the button that lets them go. */
export const DraftDayPage = ({ on, day, isOver, said, timeZone, language, formToken }: Props) => (
  <OfficeFrame title={`Drafts of ${dateText(on, language)}`} here="/office/autopay" said={said}>
    <dl class="card stack">
      <Fact name="Would be drawn">
        <Money cents={day.cents} /> in {day.count} {day.count === 1 ? "draft" : "drafts"}
      </Fact>
      <Fact name="The most of any day in the three months before">
        <Money cents={day.mostCents} />
      </Fact>
      <Fact name="Halted">{timeText(day.haltedAt, timeZone, language)}</Fact>
      {day.letGo.at !== null && (
        <Fact name="Let go">
          {timeText(day.letGo.at, timeZone, language)}, by {day.letGo.by}
        </Fact>
      )}
    </dl>
    {day.letGo.at === null && isOver && (
      <p>Nobody let them go in time. They were not made, and their customers know.</p>
    )}
    {day.letGo.at === null && !isOver && (
      <form method="post" action={`/office/draft-days/${on}/letting-go`} class="card stack">
        <FormToken token={formToken} />
        <p>
          Nothing of this day has been drawn since. Look first whether invoices were imported twice or are too high:
          under <a href="/office/autopay">Autopay</a> are the drafts, and each can be called off on its customer's page.
        </p>
        <p>
          If they are right, let them go. If you do nothing, they are not made, and after five days their customers are
          told so.
        </p>
        <p>
          <button type="submit">Let these drafts go</button>
        </p>
      </form>
    )}
    <p>
      From what amount on a day is looked at is under <a href="/office/money-settings">Money settings</a>.
    </p>
  </OfficeFrame>
);
