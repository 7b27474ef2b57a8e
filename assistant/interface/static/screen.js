// Runs once when the conversation is on the page. Sends what a button says (its data-act, as JSON) to the server, and keeps the place.
const act = (button) => {
  const data = JSON.parse(button.dataset.act);
  const form = button.dataset.form && button.closest(button.dataset.form);
  if (form) for (const field of form.querySelectorAll("[name]")) data[field.name] = field.value;
  button.closest("details.sg-down")?.removeAttribute("open");
  trigger("click", data);
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && element.contains(button)) { event.preventDefault(); event.stopPropagation(); act(button); }
});
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".sg-form input")) {
    event.preventDefault();
    event.target.closest(".sg-form").querySelector("[data-act]").click();
  }
});
