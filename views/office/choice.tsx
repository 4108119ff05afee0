/** One of the dealer's rules: its answers, of which one holds, for the owner to choose and for the others to read. */
export const Choice = ({
  legend,
  name,
  answers,
  chosen,
  mayChange,
}: {
  legend: string;
  name: string;
  /** What is sent, and what it means. */
  answers: Record<string, string>;
  chosen: string;
  mayChange: boolean;
}) => (
  <fieldset>
    <legend>{legend}</legend>
    {Object.entries(answers).map(([value, words]) => (
      <p>
        <label class="tick">
          <input type="radio" name={name} value={value} checked={value === chosen} disabled={!mayChange} /> {words}
        </label>
      </p>
    ))}
  </fieldset>
);
