"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const team = document.getElementById("team");
const manager = document.getElementById("manager");
const views = [];

/* Ids of the managers that are to be shown; null for everybody, those who left among them. */
function chosen() {
  if (manager.value) return new Set([manager.value]);
  if (!team.value) return null;
  return new Set(data.managers.filter((one) => one.team === team.value).map((one) => one.id));
}

function total(figure, month, shown) {
  const values = (data.figures[figure] || {})[month] || {};
  return Object.entries(values)
    .filter(([id]) => !shown || shown.has(id))
    .reduce((sum, [, value]) => sum + value, 0);
}

/* A headline's value in a month; null where the month is not there or the share is of nothing. */
function headline(line, month, shown) {
  if (!Object.values(data.figures).some((months) => month in months)) return null;
  const value = total(line.figure, month, shown);
  if (!line.of) return value;
  const whole = total(line.of, month, shown);
  return whole ? value / whole : null;
}

function earlier(month, months) {
  const day = new Date(month + "T00:00:00Z");
  day.setUTCMonth(day.getUTCMonth() - months);
  return day.toISOString().slice(0, 10);
}

function format(value, isShare, sign) {
  if (value === null) return "\u2013";
  const options = isShare
    ? { style: "percent", maximumFractionDigits: 0 }
    : { maximumFractionDigits: 0 };
  if (sign) options.signDisplay = "exceptZero";
  return new Intl.NumberFormat(data.locale, options).format(value).replace("-", "\u2212");
}

/* A difference: of shares in percentage points. */
function formatChange(change, isShare) {
  if (change === null) return "\u2013";
  if (!isShare) return format(change, false, true);
  return data.texts.points.replace("{change}", format(100 * change, false, true));
}

function showHeadlines(shown) {
  for (const card of document.querySelectorAll("[data-headline]")) {
    const line = data.headlines[Number(card.dataset.headline)];
    const now = headline(line, data.month, shown);
    card.querySelector(".value").textContent = format(now, line.of);
    for (const [name, months] of [["previous", 1], ["year", 12]]) {
      const then = headline(line, earlier(data.month, months), shown);
      const change = now === null || then === null ? null : now - then;
      const place = card.querySelector(`[data-against=${name}]`);
      place.textContent = formatChange(change, line.of);
      const isSeen = Math.round(change * (line.of ? 100 : 1)) !== 0;
      const isBetter = change > 0 === line.more_is_better;
      place.className = isSeen ? (isBetter ? "better" : "worse") : "";
    }
  }
}

function showTables(shown) {
  for (const section of document.querySelectorAll("main section[id]")) {
    const rows = [...section.querySelectorAll("tbody tr")];
    const isOfManagers = rows.some((row) => row.dataset.manager);
    for (const row of rows) {
      row.hidden = Boolean(shown && isOfManagers && !shown.has(row.dataset.manager));
    }
    const whole = section.querySelector(".whole");
    if (whole) whole.hidden = !shown;
    const count = section.querySelector(".count");
    if (count) {
      count.textContent = data.texts.rows_shown
        .replace("{shown}", format(rows.filter((row) => !row.hidden).length))
        .replace("{all}", format(rows.length));
    }
  }
}

function show() {
  const shown = chosen();
  showHeadlines(shown);
  showTables(shown);
  for (const view of views) view.signal("chosen", shown ? [...shown] : []).runAsync();
}

team.addEventListener("change", () => {
  manager.value = "";
  for (const option of manager.options) {
    option.hidden = Boolean(team.value && option.value && option.dataset.team !== team.value);
  }
  show();
});
manager.addEventListener("change", show);
document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll("details")) table.open = true;
});

show();
Promise.all(
  [...document.querySelectorAll("[data-chart]")].map((place) =>
    vegaEmbed(place, data.charts[place.dataset.chart], {
      actions: false, renderer: "svg", formatLocale: data.numbers,
    }).then((result) => views.push(result.view))
  )
).then(() => { show(); document.body.dataset.ready = "yes"; });
