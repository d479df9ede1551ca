/** The timeline as SVG: horizontal places are percentages, so it fits any width while its text keeps its size. */
import type { ReportedViolation } from "../report.ts";
import { type Lane, lanesThatFit, type Segment, type Stage, type StoryMark, type Timeline } from "../timeline.ts";
import { clockOf, plural, secondsInWords } from "../words.ts";
import { html, type Markup, verbatim } from "./markup.ts";

/** A block's height tells its stage apart too, not its colour and pattern alone. */
const stages: Readonly<Record<Stage, { readonly id: string; readonly height: number; readonly pattern: string }>> = {
  starting: { id: "starting", height: 6, pattern: "" },
  bootstrapping: { id: "bootstrapping", height: 9, pattern: "M-1 7L7 -1" },
  verifying: { id: "verifying", height: 12, pattern: "M3 0V6" },
  "in service": { id: "in-service", height: 14, pattern: "" },
  leaving: { id: "leaving", height: 9, pattern: "M-1 -1L7 7" },
  "on hold": { id: "on-hold", height: 14, pattern: "M0 3H6" },
  refused: { id: "refused", height: 12, pattern: "M0 0L6 6M6 0L0 6" },
  lost: { id: "lost", height: 14, pattern: "M0 3H6M3 0V6" },
  aside: { id: "aside", height: 4, pattern: "" },
};

const laneHeight = 22;
const outageHeight = 16;
const storyHeight = 24;
const axisHeight = 26;
const lanesDrawn = 120;

export function picture(timeline: Timeline): Markup {
  const lanes = lanesThatFit(timeline, lanesDrawn);
  const outages = [...new Set(timeline.outages.map(({ what }) => what))];
  const rows = storyRows(timeline);
  const top = 6 + Math.max(0, ...rows.map((row) => row + 1)) * storyHeight;
  const lanesTop = top + outages.length * outageHeight + (outages.length > 0 ? 6 : 0);
  const bottom = lanesTop + Math.max(1, lanes.length) * laneHeight;
  const height = bottom + axisHeight;
  const middleOf = (index: number): number => lanesTop + index * laneHeight + laneHeight / 2;
  const hidden = timeline.lanes.length - lanes.length;
  return html`
${controls}
<div class="plot">
<svg class="names" height="${height}" aria-hidden="true">
${outages.map((what, index) => html`<text class="outage-name" x="100%" dx="-10" y="${top + index * outageHeight + 9}">${what}</text>`)}
${lanes.map((lane, index) => name(lane, middleOf(index) + 4))}
</svg>
<svg id="picture" height="${height}" data-length="${timeline.length}" role="group" aria-label="Nodes over time, a lane each">
<defs>${Object.values(stages).map(pattern)}</defs>
<g id="ticks">${ticks(timeline, bottom)}</g>
${timeline.outages.map((each) => band(each, timeline, top + outages.indexOf(each.what) * outageHeight, bottom))}
${lanes.map((lane, index) => drawnLane(lane, timeline, middleOf(index)))}
${timeline.story.map((mark, index) => storyMark(mark, index, timeline, 6 + (rows[index] ?? 0) * storyHeight, bottom))}
${timeline.violations.map((each) => violationMark(each, timeline, lanes, middleOf, bottom))}
</svg>
</div>
<p id="detail" role="status">Point at a block, or step to a lane with Tab and along it with the arrow keys.</p>
${legend(lanes, timeline)}
${hidden > 0 ? html`<p class="note">${plural(hidden, "more node")} not drawn: those with violations and the most to see are here.</p>` : undefined}`;
}

const controls = html`<form id="zoom" class="zoom" hidden>
<label for="span">Zoom <input id="span" type="range" min="0" max="100" step="1" value="0"></label>
<label for="start">Move <input id="start" type="range" min="0" max="1000" step="1" value="0"></label>
<output id="shown" for="span start"></output>
<button id="whole" type="button">Whole run</button>
</form>`;

const percent = (at: number, { length }: Timeline): string => `${((at / length) * 100).toFixed(3)}%`;

const widthOf = (from: number, to: number, { length }: Timeline): string =>
  `${Math.max(0.15, ((to - from) / length) * 100).toFixed(3)}%`;

/** Long names have their telling end in common views: instance ids differ there. */
function name({ node }: Lane, y: number): Markup {
  const short = node.length > 9 ? `…${node.slice(-7)}` : node;
  const long = node.length > 20 ? `…${node.slice(-19)}` : node;
  return html`<text class="long" x="100%" dx="-10" y="${y}">${long}</text><text class="short" x="100%" dx="-8" y="${y}">${short}</text>`;
}

function pattern({ id, pattern: path }: { readonly id: string; readonly pattern: string }): Markup {
  return html`<pattern id="p-${id}" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="c-${id}" width="6" height="6"/><path class="hatch" d="${path}"/></pattern>`;
}

function drawnLane(lane: Lane, timeline: Timeline, middle: number): Markup {
  const said = lane.segments.map(({ stage, from, to }) => `${stage} ${secondsInWords(to - from)}`).join(", ");
  return html`<g class="lane" tabindex="0" role="img" aria-label="${lane.node}: ${said}">
<rect class="row" x="0" y="${middle - laneHeight / 2}" width="100%" height="${laneHeight}"/>
${lane.segments.map((segment) => block(lane, segment, timeline, middle))}</g>`;
}

function block({ node }: Lane, segment: Segment, timeline: Timeline, middle: number): Markup {
  const { from, to, stage, why } = segment;
  const { id, height } = stages[stage];
  const told = `${node} · ${stage} · ${clockOf(from)} – ${clockOf(to)} (${secondsInWords(to - from)})${why === "" ? "" : ` · ${why}`}`;
  return html`<rect class="told block" fill="url(#p-${id})" data-a="${from}" data-b="${to}" x="${percent(from, timeline)}" width="${widthOf(from, to, timeline)}" y="${middle - height / 2}" height="${height}" rx="2"><title>${told}</title></rect>
`;
}

function band(outage: Timeline["outages"][number], timeline: Timeline, y: number, bottom: number): Markup {
  const { from, to, what } = outage;
  const place = html`data-a="${from}" data-b="${to}" x="${percent(from, timeline)}" width="${widthOf(from, to, timeline)}"`;
  return html`<rect class="band" ${place} y="${y}" height="${bottom - y}"/><rect class="told outage" ${place} y="${y}" height="8" rx="2"><title>${what} · ${clockOf(from)} – ${clockOf(to)} (${secondsInWords(to - from)})</title></rect>
`;
}

/** Marks that would stand on each other go into the next of three rows. */
function storyRows(timeline: Timeline): readonly number[] {
  const lastIn: number[] = [];
  return timeline.story.map(({ at }) => {
    const free = [0, 1, 2].find((row) => at - (lastIn[row] ?? Number.NEGATIVE_INFINITY) > timeline.length * 0.05) ?? 0;
    lastIn[free] = at;
    return free;
  });
}

function storyMark({ at, text }: StoryMark, index: number, timeline: Timeline, y: number, bottom: number): Markup {
  return html`<svg class="told mark" overflow="visible" data-a="${at}" x="${percent(at, timeline)}" y="${y}"><title>${clockOf(at)} · ${text}</title><line class="moment" y1="16" y2="${bottom - y}"/><circle cy="9" r="9"/><text y="13">${index + 1}</text></svg>
`;
}

function violationMark(
  found: ReportedViolation,
  timeline: Timeline,
  lanes: readonly Lane[],
  middleOf: (index: number) => number,
  bottom: number,
): Markup {
  const index = lanes.findIndex(({ node }) => node === found.node);
  const y = index < 0 ? bottom : middleOf(index);
  const told = `${found.rule} · ${clockOf(found.at)}${found.node === undefined ? "" : ` · ${found.node}`} · ${found.detail}`;
  return html`<svg class="told wrong" overflow="visible" tabindex="0" role="img" aria-label="Violation: ${told}" data-a="${found.at}" x="${percent(found.at, timeline)}" y="0"><title>${told}</title><line y1="6" y2="${bottom}"/><circle cy="${y}" r="8"/><path d="M-3 ${y - 3}L3 ${y + 3}M3 ${y - 3}L-3 ${y + 3}"/></svg>
`;
}

/** Six parts of the run; the script draws rounder ones. */
function ticks(timeline: Timeline, bottom: number): readonly Markup[] {
  return [0, 1, 2, 3, 4, 5, 6].map((part) => {
    const at = (timeline.length * part) / 6;
    const anchor = part === 0 ? "start" : part === 6 ? "end" : "middle";
    return html`<svg class="tick" overflow="visible" x="${percent(at, timeline)}"><line y2="${bottom + 4}"/><text y="${bottom + 18}" text-anchor="${anchor}">${clockOf(at)}</text></svg>`;
  });
}

function legend(lanes: readonly Lane[], timeline: Timeline): Markup {
  const present = new Set(lanes.flatMap(({ segments }) => segments.map(({ stage }) => stage)));
  const all = Object.keys(stages) as readonly Stage[];
  const signs: readonly Markup[] = [
    ...all.filter((stage) => present.has(stage)).map((stage) => stageSign(stage)),
    ...(timeline.story.length > 0
      ? [
          sign(
            "moment of the story",
            `<svg class="mark" x="12" y="-1" overflow="visible"><circle cy="9" r="8"/><text y="13">1</text></svg>`,
          ),
        ]
      : []),
    ...(timeline.outages.length > 0
      ? [
          sign(
            "shared part down, or Warden stopped",
            `<rect class="band" width="24" height="16"/><rect class="outage" width="24" height="6" rx="2"/>`,
          ),
        ]
      : []),
    ...(timeline.violations.length > 0
      ? [
          sign(
            "violation",
            `<svg class="wrong" x="12" overflow="visible"><circle cy="8" r="7"/><path d="M-3 5L3 11M3 5L-3 11"/></svg>`,
          ),
        ]
      : []),
  ];
  return html`<ul class="legend" aria-label="Legend">${signs}</ul>`;
}

function stageSign(stage: Stage): Markup {
  const { id, height } = stages[stage];
  return sign(stage, `<rect fill="url(#p-${id})" y="${(16 - height) / 2}" width="24" height="${height}" rx="2"/>`);
}

const sign = (text: string, drawing: string): Markup =>
  html`<li><svg width="24" height="16" aria-hidden="true">${verbatim(drawing)}</svg> ${text}</li>`;
