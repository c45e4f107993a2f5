// Keys for the desk: "/" goes to the search field. A scanner types like a person, but fast: a barcode that is scanned
// outside a field goes to the search. Every page works without this file.
"use strict";
const QUIET_MS = 150; // a key alone for this long was typed by a person
let typed = "";
let timer = 0;

function inField(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || inField(event.target)) return;
  const find = document.getElementById("find");
  if (event.key === "Enter" && typed.length > 3) {
    event.preventDefault();
    find.value = typed;
    typed = "";
    find.form.submit();
    return;
  }
  if (event.key.length !== 1) return;
  typed += event.key;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (typed === "/") find.focus();
    typed = "";
  }, QUIET_MS);
});
