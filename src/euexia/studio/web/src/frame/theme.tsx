/** Light, dark, or as the system wishes. */
import { signal } from "@preact/signals";

type Theme = "system" | "light" | "dark";
const KEY = "euexia-theme";
const THEMES: readonly { readonly value: Theme; readonly label: string; readonly sign: string }[] = [
  { value: "light", label: "Light", sign: "M12 7a5 5 0 1 0 0 10a5 5 0 0 0 0-10ZM12 1v3M12 20v3M1 12h3M20 12h3M4.2 4.2l2.1 2.1M17.7 17.7l2.1 2.1M4.2 19.8l2.1-2.1M17.7 6.3l2.1-2.1" },
  { value: "system", label: "As the system", sign: "M3 5h18v11H3ZM9 20h6M12 16v4" },
  { value: "dark", label: "Dark", sign: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" },
];

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

const theme = signal<Theme>(stored());

function choose(value: Theme): void {
  theme.value = value;
  if (value === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(KEY, value);
    document.documentElement.dataset["theme"] = value;
  }
}

export function ThemeSwitch() {
  return (
    <fieldset class="theme-switch">
      <legend class="unseen">Colours of the page</legend>
      {THEMES.map(({ value, label, sign }) => (
        <label key={value} title={label}>
          <input type="radio" name="theme" class="unseen" value={value} checked={theme.value === value} onChange={() => choose(value)} />
          <svg viewBox="0 0 24 24" width="17" height="17" aria-hidden="true"><path d={sign} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
          <span class="unseen">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
