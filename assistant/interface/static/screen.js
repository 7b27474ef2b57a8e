// Runs once for each part of the page that the server fills. Sends what a button says (its data-act, as JSON) to the server; keeps what
// is unfolded, the reader's place and the focus when new markup comes.
const shared = (window.shopguide ??= { unfolded: new Map(), said: null, asked: false, place: 0, sentAt: 0 });
const isPast = element.closest(".sg-past") !== null;
const isLive = element.closest(".sg-live") !== null;
const wide = window.matchMedia("(min-width: 701px)");

// One message at a time: none while an answer comes, nor in the second in which the one before is on its way.
const isAnswering = () => document.querySelector(".sg-live .sg-status") !== null;
const isSending = () => isAnswering() || Date.now() - shared.sentAt < 1000;
const send = (event) => {
  if (!isSending()) {
    shared.sentAt = Date.now();
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
};
if (isLive) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.closest(".sg-box")) send(event);
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest(".sg-box button")) send(event);
  }, true);
}

// What is typed and not yet being answered outlives a reload, and a server that went away: gradio then builds its page anew.
const DRAFT = "shopguide-draft";
const kept = (() => {
  try {
    return window.sessionStorage;
  } catch { // a browser that keeps nothing for this page
    return null;
  }
})();
const keepDraft = (box) => kept?.setItem(DRAFT, box.value.slice(0, 4000));
const bringBackDraft = (tries = 40) => {
  const box = document.querySelector(".sg-box textarea");
  const draft = kept?.getItem(DRAFT);
  if (!draft) return;
  if (!box) {
    if (tries) setTimeout(bringBackDraft, 50, tries - 1);
  } else if (!box.value) {
    box.value = draft;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
if (isLive) {
  document.addEventListener("input", (event) => {
    if (event.target.matches(".sg-box textarea")) keepDraft(event.target);
  });
  bringBackDraft();
}

const act = (button) => {
  let data = JSON.parse(button.dataset.act);
  const form = button.dataset.form && button.closest(button.dataset.form);
  if (form) for (const field of form.querySelectorAll("[name]")) data[field.name] = field.value;
  if ((isPast || isLive) && isSending()) return;
  if (data.act === "say" || data.act === "about") {
    shared.sentAt = Date.now();
    if (button.closest(".sg-again") && shared.said?.text === data.text) data = shared.said;
    shared.said = data;
  }
  const reasons = button.closest("details.sg-down");
  if (reasons) close(reasons);
  if (data.act === "up" || data.act === "down") press(button, reasons);
  trigger("click", data);
};

const close = (details) => {
  details.removeAttribute("open");
  details.querySelector("summary").focus();
};

const press = (button, reasons) => {
  const thumbs = button.closest(".sg-thumbs");
  for (const each of thumbs.querySelectorAll("[data-pressed]")) delete each.dataset.pressed;
  (reasons ? reasons.querySelector("summary") : button).dataset.pressed = "";
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || !element.contains(button)) return;
  event.preventDefault();
  event.stopPropagation();
  act(button);
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".sg-form input")) {
    event.preventDefault();
    event.target.closest(".sg-form").querySelector("[data-act]").click();
  }
  const open = event.target.closest("details.sg-down[open]");
  if (event.key === "Escape" && open) close(open);
});

// Reasons close when the focus goes elsewhere; so only one list of them is ever open.
element.addEventListener("focusout", (event) => {
  const open = event.target.closest("details.sg-down[open]");
  if (open && event.relatedTarget && !open.contains(event.relatedTarget)) open.removeAttribute("open");
});

element.addEventListener("toggle", (event) => {
  const { keep } = event.target.dataset;
  if (keep && !(keep === "profile" && wide.matches)) shared.unfolded.set(keep, event.target.open);
}, true);

// The markup that comes from the server is folded: what the shopper unfolded is unfolded again. On a wide page the profile always is.
const unfold = () => {
  for (const details of element.querySelectorAll("details[data-keep]")) {
    const { keep } = details.dataset;
    const isPinned = keep === "profile" && wide.matches;
    details.open = isPinned || (shared.unfolded.get(keep) ?? false);
    if (keep === "profile") details.querySelector("summary").tabIndex = isPinned ? -1 : 0; // what cannot be folded takes no focus
  }
};
wide.addEventListener("change", unfold);
unfold();

// One sentence for those who listen, once an answer stands.
const announce = () => {
  const turn = element.querySelector(".sg-turn:last-of-type .sg-bot");
  const words = [...(turn?.querySelectorAll(":scope > p:not(.sg-status)") ?? [])].map((line) => line.textContent);
  const items = turn?.querySelectorAll(".sg-card").length ?? 0;
  const shown = items ? [`${items} ${items === 1 ? "item is" : "items are"} shown.`] : [];
  document.getElementById("sg-announcer").textContent = [...words, ...shown].join(" ");
};

// The first line of a new turn comes to the top of the view; what follows is read in place, and stays there when the turn is done,
// though the turns above it are then folded.
const newest = () => [...document.querySelectorAll(".sg-turn .sg-user")].pop();
const toTop = () => newest()?.scrollIntoView({ block: "start" });
const remember = () => {
  if (shared.asked) shared.place = newest()?.getBoundingClientRect().top ?? 0;
};
const stay = (place) => window.scrollBy(0, (newest()?.getBoundingClientRect().top ?? place) - place);

if (isLive) document.addEventListener("scroll", remember, { passive: true });

let turns = element.querySelectorAll(".sg-turn").length;
let wasAnswering = false;
watch("value", () => {
  unfold();
  const now = element.querySelectorAll(".sg-turn").length;
  if (isLive) {
    shared.sentAt = 0;
    if (isAnswering() && !wasAnswering) {
      toTop();
      kept?.removeItem(DRAFT);
    }
    wasAnswering = isAnswering();
    shared.asked ||= wasAnswering;
    if (wasAnswering) remember();
    element.querySelector(".sg-refused")?.scrollIntoView({ block: "nearest" });
  }
  if (isPast && now > turns) {
    if (shared.asked) {
      announce();
      const { place } = shared;
      requestAnimationFrame(() => stay(place));
    } else toTop();
    shared.asked = false;
  }
  turns = now;
});
