/* Draws the report's figures, and makes form elements of their controls.

   A figure's other states are Plotly frames named by the positions of its controls ("0/3"); a
   frame's traces lie over those of the figure, one by one; with a "baseframe", over those of that
   frame and of its "group". A control that belongs to a choice of
   an earlier one ("where") is hidden at any other, and the frames' names leave it out. Legends and
   titles are HTML, so that they wrap on a narrow screen and can be used from the keyboard.

   A figure is drawn when it comes near the view, or when its reader uses its controls or prints.

   Whoever renews the page's content (see live.js) then dispatches "renewed": figures that changed
   are drawn again, and what the reader chose stays. */
"use strict";
(() => {
  let content = {};
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 640;
  const views = new Map();
  const orders = new Map();

  const element = (tag, attributes = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  };

  const merged = (base, over) => {
    const result = { ...base };
    for (const [key, value] of Object.entries(over || {})) {
      const both = [result[key], value].every(
        (part) => part && typeof part === "object" && !Array.isArray(part));
      result[key] = both ? merged(result[key], value) : value;
    }
    return result;
  };

  const decoded = (text) => Object.assign(document.createElement("textarea"), { innerHTML: text }).value;

  const belongs = (view, { where }) => !where || view.positions[where[0]] === where[1];

  function frameOf(view) {
    const controls = view.figure.layout.meta.controls;
    const shown = view.positions.filter((_, position) => belongs(view, controls[position]));
    const frame = view.frames.get(shown.join("/")) || {};
    if (!frame.baseframe) return frame;
    return [frame.group, frame.name].map((name) => view.frames.get(name))
      .reduce(over, view.frames.get(frame.baseframe));
  }

  const over = (base, frame) => ({
    data: base.data.map((trace, index) => ({ ...trace, ...frame.data[index] })),
    layout: merged(base.layout, frame.layout),
  });

  function compose(view) {
    const [data, layout] = asMade(view);
    // Plotly forgets a zoom where a new state brings another range of its own.
    for (const [axis, range] of Object.entries(view.zoom))
      if (layout[axis]) layout[axis].range = [...range];
    return [data, layout];
  }

  function rememberZoom(view) {
    const [, layout] = asMade(view);
    for (const [axis, made] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(axis) || !made.range) continue;
      const now = view.plot.layout[axis].range;
      if (String(now) === String(made.range)) delete view.zoom[axis];
      else view.zoom[axis] = [...now];
    }
  }

  // Of an axis that shows something else now.
  function forgetZooms(view, before) {
    const [, now] = asMade(view);
    for (const axis of Object.keys(view.zoom))
      if (before[axis]?.title?.text !== now[axis]?.title?.text) delete view.zoom[axis];
  }

  function showControls(view) {
    const controls = view.figure.layout.meta.controls;
    [...view.section.querySelector(".controls").children].forEach((made, position) => {
      made.hidden = !belongs(view, controls[position]);
    });
  }

  function asMade(view) {
    const { figure, section, hidden } = view;
    const frame = frameOf(view);
    const data = figure.data.map((made, index) => {
      const trace = { ...made, ...((frame.data || [])[index] || {}) };
      const visible = trace.visible === "legendonly" || (trace.visible ?? true);
      return { ...trace, visible: !hidden.has(trace.legendgroup) && visible };
    });
    const narrow = section.clientWidth < NARROW;
    let layout = merged(figure.layout, frame.layout);
    if (narrow) layout = merged(layout, layout.meta.narrow);
    const margin = narrow ? { l: 8, r: 8, t: 12, b: 8 } : { ...layout.margin, t: 12 };
    layout = merged(layout, {
      template: content.templates[darkness.matches ? "dark" : "light"],
      title: { text: "" }, showlegend: false, autosize: true, margin,
      dragmode: narrow ? false : "zoom", font: { size: narrow ? 11 : 13 },
    });
    // Plotly takes a drawing context for each scene, also of traces that are not shown.
    const used = data.filter((trace) => trace.visible || !trace.type?.endsWith("3d"));
    return [used, structuredClone(layout)];  // Plotly writes zooms into what it is given
  }

  function draw(view) {
    const title = frameOf(view).layout?.title?.text;
    if (title) view.section.querySelector("h2").textContent = decoded(title.replaceAll("<br>", " ").replaceAll(" &#37;", "\u00a0%"));
    const [data, layout] = compose(view);
    view.plot.style.minHeight = `${layout.height}px`;
    Plotly.react(view.plot, data, layout, {
      responsive: true, displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
      toImageButtonOptions: { format: "svg", filename: view.section.id },
    });
    if (!view.isDrawn) begin(view);
  }

  function begin(view) {
    view.isDrawn = true;
    view.plot.on("plotly_relayout", () => rememberZoom(view));
    view.plot.on("plotly_doubleclick", () => setTimeout(() => {
      view.zoom = {};
      draw(view);
    }));
    tellDrawn();
  }

  const undrawn = () => [...views.values()].filter((view) => !view.isDrawn);

  function tellDrawn() {
    document.documentElement.dataset.drawn = undrawn().length ? "some" : "all";
  }

  function slider(view, control, position) {
    const start = view.positions[position];
    const shown = element("output", { textContent: control.choices[start] });
    const input = element("input", {
      type: "range", min: 0, max: control.choices.length - 1, step: 1, value: start });
    const tell = () => input.setAttribute("aria-valuetext", `${control.label} ${shown.textContent}`);
    input.addEventListener("input", () => {
      view.positions[position] = Number(input.value);
      shown.textContent = control.choices[input.value];
      tell();
      draw(view);
    });
    tell();
    return element("label", {}, element("span", { className: "name", textContent: control.label }), input, shown);
  }

  function select(view, control, position) {
    const input = element("select", {}, ...control.choices.map(
      (choice, index) => new Option(choice, index, false, index === view.positions[position])));
    input.addEventListener("change", () => {
      view.positions[position] = Number(input.value);
      draw(view);
    });
    return element("label", {}, element("span", { className: "name", textContent: control.label }), input);
  }

  function radios(view, control, position) {
    const choices = control.choices.map((choice, index) => {
      const input = element("input", {
        type: "radio", name: `${view.section.id}-${position}`,
        checked: index === view.positions[position] });
      input.addEventListener("change", () => {
        const [, before] = asMade(view);
        view.positions[position] = index;
        forgetZooms(view, before);
        showControls(view);
        draw(view);
      });
      return element("label", {}, input, choice);
    });
    return element("fieldset", {}, element("legend", { textContent: control.label }), ...choices);
  }

  const MARKS = {
    circle: "M18 8a4 4 0 1 0-8 0a4 4 0 1 0 8 0", square: "M10 4h8v8h-8z", diamond: "M14 3l5 5l-5 5l-5-5z",
    "triangle-up": "M14 3l5 9h-10z", "triangle-down": "M14 13l5-9h-10z",
    star: "M14 2l1.6 4.3 4.6.2-3.6 2.8 1.2 4.4-3.8-2.5-3.8 2.5 1.2-4.4-3.6-2.8 4.6-.2z",
    hexagon: "M14 3l4.4 2.5v5l-4.4 2.5l-4.4-2.5v-5z",
  };
  const DASHES = { dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "9 4" };

  function swatch(trace) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const part = (tag, attributes) => {
      const made = document.createElementNS(space, tag);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      svg.append(made);
    };
    for (const [key, value] of Object.entries({ width: 28, height: 16, "aria-hidden": "true" }))
      svg.setAttribute(key, value);
    const colour = trace.line?.color || trace.marker.color;
    if (trace.mode?.includes("lines")) part("line", {
      x1: 0, y1: 8, x2: 28, y2: 8, stroke: colour, "stroke-width": 2.5,
      "stroke-dasharray": DASHES[trace.line.dash] || "none" });
    part("path", { d: MARKS[trace.marker?.symbol] || MARKS.square, fill: colour });
    return svg;
  }

  function legend(view) {
    const entries = view.figure.data.filter((trace) => trace.showlegend && trace.legendgroup);
    return entries.map((trace) => {
      const button = element("button", { type: "button" }, swatch(trace), decoded(trace.name));
      button.setAttribute("aria-pressed", String(!view.hidden.has(trace.legendgroup)));
      button.addEventListener("click", () => {
        const hide = !view.hidden.delete(trace.legendgroup);
        if (hide) view.hidden.add(trace.legendgroup);
        button.setAttribute("aria-pressed", String(!hide));
        draw(view);
      });
      return button;
    });
  }

  const MAKERS = { slider, select, switch: radios };

  const drawsInSpace = (() => {
    let answer;
    return () => (answer ??= Boolean(document.createElement("canvas").getContext("webgl")));
  })();

  // A choice for wide screens is one that draws in space.
  function startOf(view, { start, wideStart }) {
    const isWide = view.section.clientWidth >= NARROW;
    return wideStart !== undefined && isWide && drawsInSpace() ? wideStart : start;
  }

  function take(view, figure) {
    const controls = figure.layout.meta.controls;
    const before = view.figure?.layout.meta.controls || [];
    view.positions = controls.map((control, position) => {
      const kept = control.choices.indexOf(before[position]?.choices[view.positions[position]]);
      return kept < 0 ? startOf(view, control) : kept;
    });
    view.figure = figure;
    view.frames = new Map((figure.frames || []).map((frame) => [frame.name, frame]));
    if (JSON.stringify(controls) !== JSON.stringify(before))
      view.section.querySelector(".controls").replaceChildren(
        ...controls.map((control, position) => MAKERS[control.kind](view, control, position)));
    showControls(view);
    const entries = legend(view);
    const box = view.section.querySelector(".legend");
    if (box.innerHTML !== entries.map((entry) => entry.outerHTML).join(""))
      box.replaceChildren(...entries);
  }

  function open(name, figure) {
    const section = document.getElementById(name);
    const hidden = new Set(figure.data.filter((trace) => trace.visible === "legendonly")
      .map((trace) => trace.legendgroup));  // of many optimizers, those that are not drawn at first
    const view = { section, plot: section.querySelector(".plot"), hidden, zoom: {}, isDrawn: false };
    take(view, figure);
    reserve(view);
    views.set(name, view);
    near.observe(section);
  }

  // So that what lies below stays where it is when the figure is drawn.
  const reserve = (view) => { view.plot.style.minHeight = `${asMade(view)[1].height}px`; };

  function renew(view, figure) {
    if (JSON.stringify(figure) === JSON.stringify(view.figure)) return;
    take(view, figure);
    show(view);
  }

  const show = (view) => (view.isDrawn ? draw : reserve)(view);

  const pause = () => new Promise((go) => setTimeout(go));
  let queue = Promise.resolve();
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const view = views.get(target.id);
      if (!isIntersecting || view.isDrawn) continue;
      queue = queue.then(pause).then(() => { if (!view.isDrawn) draw(view); }).catch(console.error);
    }
  }, { rootMargin: "75% 0px" });

  function sort(table, column, down) {
    const head = table.tHead.rows[0].cells[column];
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const worth = (row) => {
      const text = row.cells[column].textContent;
      const value = parseFloat(text.replaceAll(",", "").replace(/^[≥≤<>]\s*/, ""));
      return Number.isNaN(value) ? text : value;
    };
    const rows = [...table.tBodies[0].rows].map((row) => [worth(row), row]);
    const order = ([a], [b]) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0)
      : typeof a === "number" ? -1 : 1;
    rows.sort((a, b) => (down ? -order(a, b) : order(a, b)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  }

  function sortable(table) {
    const name = table.caption.textContent;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = element("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        orders.set(name, [column, head.getAttribute("aria-sort") === "ascending"]);
        sort(table, ...orders.get(name));
      });
    });
    if (orders.has(name)) sort(table, ...orders.get(name));
  }

  function renewAll() {
    content = JSON.parse(document.getElementById("figures").textContent);
    document.querySelectorAll("table.sortable:not(:has(th button))").forEach(sortable);
    for (const [name, figure] of Object.entries(content.figures)) {
      const view = views.get(name);
      if (view?.section.isConnected) renew(view, figure); else open(name, figure);
    }
    for (const [name, view] of views) if (!view.section.isConnected) views.delete(name);
    tellDrawn();
  }

  // On paper nothing turns, so what is drawn in space is drawn flat there.
  const chosen = new Map();
  function toPaper() {
    for (const view of views.values()) {
      const flat = view.figure.layout.meta.controls.map(({ start, wideStart }, position) =>
        view.positions[position] === wideStart ? start : view.positions[position]);
      if (String(flat) === String(view.positions)) continue;
      if (!chosen.has(view)) chosen.set(view, view.positions);
      view.positions = flat;
      if (view.isDrawn) draw(view);
    }
    undrawn().forEach(draw);
  }

  function fromPaper() {
    for (const [view, positions] of chosen) {
      view.positions = positions;
      draw(view);
    }
    chosen.clear();
  }

  const showAll = () => views.forEach(show);
  darkness.addEventListener("change", showAll);
  matchMedia(`(max-width: ${NARROW}px)`).addEventListener("change", showAll);
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);
  document.addEventListener("renewed", renewAll);
  renewAll();
})();
