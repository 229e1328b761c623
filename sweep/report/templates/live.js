/* Keeps a page up to date: asks the server for the page again, and takes over the parts that
   differ. What the reader opened, sorted, scrolled or marked stays; figures are report.js's. */
"use strict";
(() => {
  const RUNNING = 2000, RESTING = 5000;
  const updated = document.getElementById("updated");
  const sent = new Map();
  let tag = "", latest = null;

  const clock = () => new Date().toLocaleTimeString();
  const partsOf = (root) => [...root.querySelectorAll("[data-part]")];
  const focusable = (root) => [...root.querySelectorAll("a, button, summary, [tabindex]")];

  const isMarked = (part) => {
    const selection = getSelection();
    return !selection.isCollapsed
      && (part.contains(selection.anchorNode) || part.contains(selection.focusNode));
  };

  function takeOver(part, html) {
    const opened = [...part.querySelectorAll("details")].map((details) => details.open);
    const scrolled = [...part.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
    const focused = focusable(part).indexOf(document.activeElement);
    part.innerHTML = html;
    sent.set(part.id, html);
    [...part.querySelectorAll("details")].forEach((details, index) => { details.open = opened[index]; });
    return () => {
      [...part.querySelectorAll(".scroll")].forEach((box, index) => box.scrollTo(...(scrolled[index] || [0, 0])));
      focusable(part)[focused]?.focus({ preventScroll: true });
    };
  }

  function placeSections(fresh) {
    const here = document.getElementById("main");
    let before = null;
    for (const section of fresh.getElementById("main").children) {
      let mine = document.getElementById(section.id);
      if (!mine) {
        mine = document.importNode(section, true);
        if (before) before.after(mine); else here.prepend(mine);
        for (const part of [mine, ...partsOf(mine)]) sent.set(part.id, part.innerHTML);
      }
      before = mine;
    }
    for (const section of [...here.children])
      if (!fresh.getElementById(section.id)) section.remove();
  }

  function renew(fresh) {
    placeSections(fresh);
    const after = [];
    for (const part of partsOf(fresh)) {
      const mine = document.getElementById(part.id);
      if (sent.get(part.id) !== part.innerHTML && !isMarked(mine)) after.push(takeOver(mine, part.innerHTML));
    }
    for (const plot of fresh.querySelectorAll(".plot"))
      document.querySelector(`#${plot.parentElement.id} .plot`).setAttribute("aria-label", plot.getAttribute("aria-label"));
    const figures = document.getElementById("figures");
    if (figures) {
      figures.textContent = fresh.getElementById("figures").textContent;
      document.dispatchEvent(new Event("renewed"));
    }
    after.forEach((settle) => settle());
  }

  async function ask() {
    const answer = await fetch(location.pathname, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.status === 200) {
      latest = new DOMParser().parseFromString(await answer.text(), "text/html");
      tag = answer.headers.get("ETag");
      updated.textContent = `Updated ${clock()}.`;
    } else if (answer.status !== 304) {
      throw new Error(`the server answers ${answer.status}`);
    }
    if (updated.dataset.lost) {
      delete updated.dataset.lost;
      updated.textContent = `Updated ${clock()}.`;
    }
    if (latest) renew(latest);
  }

  async function follow() {
    if (!document.hidden) {
      try {
        await ask();
      } catch (error) {
        if (!updated.dataset.lost) updated.textContent = `Not up to date since ${clock()}: ${error.message}. Trying again.`;
        updated.dataset.lost = "yes";
      }
    }
    setTimeout(follow, document.querySelector(".running") ? RUNNING : RESTING);
  }

  for (const part of partsOf(document)) sent.set(part.id, part.innerHTML);
  updated.textContent = `Updated ${clock()}.`;
  setTimeout(follow, RUNNING);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask().catch(() => {}); });
})();
