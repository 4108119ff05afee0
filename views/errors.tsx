import type { Look } from "./ui.tsx";

/** A plain page for when there is nothing else to show: what happened, what to do, and a number to quote. */
export const ErrorPage = ({
  t,
  title,
  notes,
  requestId,
}: Look & { title: string; notes: string[]; requestId: string }) => (
  <div class="narrow">
    <h1>{title}</h1>
    <div class="card">
      {notes.map((note) => (
        <p>{note}</p>
      ))}
      <a class="button" href="/">
        {t.errors.home}
      </a>
    </div>
    <p>
      <small>{t.errors.id(requestId)}</small>
    </p>
  </div>
);
