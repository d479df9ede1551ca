/**
 * The page's script, as text: it moves what has a time (`data-a`, `data-b`) to where the two sliders say, draws the
 * clock anew and tells about the block under the pointer or the keyboard. Without it the page shows the whole run.
 */
export const script = `"use strict";
(() => {
  const picture = document.getElementById("picture");
  if (!picture) return;
  const length = Number(picture.dataset.length);
  const [start, span] = ["start", "span"].map((id) => document.getElementById(id));
  const shown = document.getElementById("shown");
  const detail = document.getElementById("detail");
  const ticks = document.getElementById("ticks");
  const timed = [...picture.querySelectorAll("[data-a]")];
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const two = (value) => String(value).padStart(2, "0");
  const clock = (seconds) => {
    const whole = Math.round(seconds);
    return Math.floor(whole / 3600) + ":" + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
  };

  function draw() {
    const width = length * Math.pow(0.01, Number(span.value) / 100);
    const from = (length - width) * (Number(start.value) / 1000);
    const percent = (at) => ((at - from) / width) * 100;
    for (const each of timed) {
      const left = percent(Number(each.dataset.a));
      each.setAttribute("x", left + "%");
      if (each.dataset.b) each.setAttribute("width", Math.max(0.15, percent(Number(each.dataset.b)) - left) + "%");
    }
    start.disabled = width >= length;
    shown.textContent = clock(from) + " – " + clock(from + width);
    drawTicks(from, width, percent);
  }

  function drawTicks(from, width, percent) {
    const most = Math.max(2, Math.floor(picture.clientWidth / 110));
    const step = steps.find((each) => width / each <= most) || 86400 * Math.ceil(width / most / 86400);
    const sample = ticks.firstElementChild;
    const drawn = [];
    for (let at = Math.ceil(from / step) * step; at <= from + width; at += step) {
      const tick = sample.cloneNode(true);
      const left = percent(at);
      const text = tick.querySelector("text");
      tick.setAttribute("x", left + "%");
      text.textContent = clock(at);
      text.setAttribute("text-anchor", left < 4 ? "start" : left > 96 ? "end" : "middle");
      drawn.push(tick);
    }
    if (drawn.length > 0) ticks.replaceChildren(...drawn);
  }

  let current;
  function tell(block) {
    if (!block || block === current) return;
    if (current) current.classList.remove("current");
    current = block;
    block.classList.add("current");
    detail.textContent = block.querySelector("title").textContent;
  }

  function step(lane, by) {
    const blocks = [...lane.querySelectorAll(".told")];
    const index = blocks.indexOf(current) + by;
    tell(blocks[Math.min(blocks.length - 1, Math.max(0, index))]);
  }

  picture.addEventListener("pointerover", (event) => tell(event.target.closest(".told")));
  picture.addEventListener("focusin", (event) => {
    if (!event.target.contains(current)) tell(event.target.closest(".told") || event.target.querySelector(".told"));
  });
  picture.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const lane = event.target.closest(".lane");
    if (!by || !lane) return;
    event.preventDefault();
    step(lane, by);
  });
  document.getElementById("whole").addEventListener("click", () => {
    span.value = 0;
    start.value = 0;
    draw();
  });
  for (const slider of [start, span]) slider.addEventListener("input", draw);
  addEventListener("resize", draw);
  document.getElementById("zoom").hidden = false;
  draw();
})();
`;
