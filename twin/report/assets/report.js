"use strict";
// Draws the page's charts, keeps them in step with screen and paper, filters and saves its tables.
(() => {
  const themes = JSON.parse(document.getElementById("theme").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 640px)");
  // Without these two, plotly offers to send the chart's data to a server of its maker.
  const config = {
    displaylogo: false, showSendToCloud: false, responsive: true,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
  };
  const paperWidth = 680, paperHeight = 820;
  let printing = false;

  const theme = () => (dark.matches && !printing ? themes.dark : themes.light);

  const recoloured = (part, swap) => {
    if (typeof part === "string") return swap[part] || part;
    if (Array.isArray(part)) return typeof part[0] === "object" ? part.map((entry) => recoloured(entry, swap)) : part;
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, recoloured(entry, swap)]));
  };

  const template = (look) => {
    const axis = { gridcolor: look.line, linecolor: look.line, zerolinecolor: look.line, automargin: true, title: { standoff: 8, font: { size: 13 } } };
    return { layout: {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: look.ink, size: 13, family: "system-ui, sans-serif" },
      xaxis: axis, yaxis: axis, margin: { l: 56, r: 12, t: 12, b: 44 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      hoverlabel: { bgcolor: look.card, bordercolor: look.line, font: { color: look.ink } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look.soft, activecolor: look.accent },
    } };
  };

  const draw = (chart) => {
    const look = theme();
    const figure = recoloured(JSON.parse(chart.nextElementSibling.textContent), look.swap);
    const tall = Number(chart.dataset.height), height = printing ? Math.min(paperHeight, tall) : tall;
    const size = printing ? { width: paperWidth, autosize: false } : { autosize: true };
    chart.style.height = height + "px";
    const layout = {
      ...figure.layout, ...size, template: template(look), height,
      dragmode: narrow.matches ? false : "zoom",
    };
    chart.dataset.drawn = "yes";
    return Plotly.react(chart, figure.data, layout, config);
  };

  const charts = [...document.querySelectorAll(".chart")];
  const pending = () => charts.filter((chart) => !chart.dataset.drawn);
  const redraw = () => charts.filter((chart) => chart.dataset.drawn).forEach(draw);

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      if (!entry.target.dataset.drawn) draw(entry.target);
    }
  }, { rootMargin: "300px" });
  charts.forEach((chart) => seen.observe(chart));

  // What nobody has scrolled to is drawn one by one when the browser has nothing else to do.
  const later = window.requestIdleCallback || ((work) => setTimeout(work, 200));
  const drawNext = () => {
    const [chart] = pending();
    if (!chart) return;
    draw(chart);
    later(drawNext);
  };
  addEventListener("load", () => later(drawNext));

  dark.addEventListener("change", redraw);
  narrow.addEventListener("change", redraw);
  // A narrow screen shows a part of a map: the disrupted site, if it has one.
  for (const map of document.querySelectorAll(".drawing .scroll")) {
    const ring = map.querySelector("circle.ring[cx]");
    if (!ring) continue;
    const box = map.getBoundingClientRect(), at = ring.getBoundingClientRect();
    map.scrollLeft += at.left + at.width / 2 - box.left - box.width / 2;
  }

  addEventListener("beforeprint", () => { printing = true; charts.forEach(draw); });
  addEventListener("afterprint", () => { printing = false; redraw(); });

  // A cell that a spreadsheet would take for a formula is kept as text.
  const cellText = (cell, numeric) => {
    let text = cell.textContent.trim().replace(/\s+/g, " ").replace(/^−/, "-");
    if (numeric.includes(String(cell.cellIndex + 1))) text = text.replace(/(\d),(?=\d{3})/g, "$1");
    else if (/^[=+@-]/.test(text)) text = "'" + text;
    return '"' + text.replaceAll('"', '""') + '"';
  };
  const save = (table) => {
    const numeric = (table.dataset.n || "").split(" ");
    const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cellText(cell, numeric)).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + rows.join("\r\n") + "\r\n"], { type: "text/csv" }));
    link.download = table.dataset.name + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  document.addEventListener("click", (event) => {
    if (event.target.matches("button.csv")) save(event.target.closest("details, figure").querySelector("table"));
    if (event.target.matches("button.all")) event.target.closest("figure").classList.remove("cut");
  });

  for (const box of document.querySelectorAll(".folded")) {
    const find = box.querySelector(".find"), grade = box.querySelector(".grade"), told = box.querySelector("output");
    const filter = () => {
      const wanted = find.value.trim().toLowerCase();
      let hits = 0;
      for (const group of box.querySelectorAll("details")) {
        let here = 0;
        for (const row of group.querySelectorAll("tbody tr")) {
          const fits = row.textContent.toLowerCase().includes(wanted)
            && (!grade.value || row.lastElementChild.textContent.trim() === grade.value);
          row.hidden = !fits;
          here += fits;
        }
        const active = wanted !== "" || grade.value !== "";
        group.hidden = here === 0;
        group.open = active && here > 0;
        hits += here;
      }
      told.textContent = wanted || grade.value ? hits + " found" : "";
    };
    find.addEventListener("input", filter);
    grade.addEventListener("change", filter);
  }

  for (const toggle of document.querySelectorAll("input.differences")) {
    const apply = () => document.body.classList.toggle("only-differences", toggle.checked);
    toggle.addEventListener("change", apply);
    apply();
  }
})();
