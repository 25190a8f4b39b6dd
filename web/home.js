/** The start page: keeps empty fields out of the address that the form makes. */

const form = /** @type {HTMLFormElement} */ (document.getElementById("launch-form"));
const button = /** @type {HTMLButtonElement} */ (document.getElementById("launch"));
const more = /** @type {HTMLDetailsElement} */ (document.getElementById("more"));

/** @returns {HTMLInputElement[]} */
function optionalFields() {
  return [...more.querySelectorAll("input")];
}

more.open = optionalFields().some((field) => field.value !== "");

form.addEventListener("submit", () => {
  for (const field of optionalFields()) field.disabled = field.value.trim() === "";
  button.disabled = true;
});

// Coming back with the browser's button finds the form usable again.
window.addEventListener("pageshow", () => {
  for (const field of optionalFields()) field.disabled = false;
  button.disabled = false;
});
