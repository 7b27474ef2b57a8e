() => {
  document.documentElement.lang = "en";
  // When a new turn begins, its first line comes to the top of the view; what follows is read in place.
  let last = 0;
  const follow = () => {
    const said = document.querySelectorAll(".sg-user");
    if (said.length > last) said[said.length - 1].scrollIntoView({ block: "start", behavior: "smooth" });
    last = said.length;
  };
  new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
}
