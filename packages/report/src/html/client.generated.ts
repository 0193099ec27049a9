// Written by client/build.mjs from client/: do not edit.
export const CLIENT_SCRIPT = `(() => {
'use strict';
function html(texts, ...parts) {
    return {
        markup: texts.reduce((all, text, i)=>all + text + (i < parts.length ? textOf(parts[i]) : ''), '')
    };
}
function textOf(part) {
    if (part === null || part === undefined || part === false) return '';
    if (typeof part === 'string') return escapeMarkup(part);
    if (typeof part === 'number') return String(part);
    return 'markup' in part ? part.markup : part.map(textOf).join('');
}
function escapeMarkup(text) {
    return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
function ticks({ low, high }, count) {
    const step = tickStep(high - low, count);
    const values = [];
    for(let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)values.push(Number((k * step).toPrecision(12)));
    return values;
}
function tickStep(span, count) {
    const rough = span / Math.max(1, count);
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * ([
        1,
        2,
        2.5,
        5
    ].find((factor)=>factor * power >= rough) ?? 10);
}
function domainOf(values, margin = 0.06) {
    const finite = values.filter(Number.isFinite);
    if (finite.length === 0) return {
        low: 0,
        high: 1
    };
    const low = Math.min(...finite);
    const high = Math.max(...finite);
    const span = high > low ? high - low : Math.abs(high) || 1;
    return {
        low: low - margin * span,
        high: high + margin * span
    };
}
function tickTexts(values) {
    const decimals = Math.max(0, ...values.map((value)=>String(value).split('.')[1]?.length ?? 0));
    return values.map((value)=>value.toFixed(decimals).replace('-', '−'));
}
function linear({ low, high }, from, to) {
    return (value)=>from + (value - low) / (high - low) * (to - from);
}
const MARGIN = {
    top: 30,
    right: 14,
    bottom: 46,
    left: 46
};
const STYLES = 8;
const MARKERS = [
    'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0',
    'M-4 -4h8v8h-8z',
    'M0 -5.2L5 4h-10z',
    'M0 -5.6L5.6 0L0 5.6L-5.6 0z',
    'M0 5.2L5 -4h-10z',
    'M-1.6 -5h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z',
    'M0 -5.5L5.2 -1.7L3.2 4.5h-6.4L-5.2 -1.7z',
    'M-5 -3h10v6h-10z'
];
const DASHES = [
    '',
    '7 3',
    '2 3',
    '9 3 2 3'
];
function drawChart(chart, { width, height }, hidden = new Set()) {
    const points = chart.series.flatMap((series)=>series.points);
    const xDomain = chart.places ? {
        low: -0.4,
        high: Math.max(1, chart.places.length) - 0.6
    } : domainOf([
        ...points.flatMap((point)=>[
                point.x,
                ...point.xBar ?? []
            ]),
        ...(chart.rules ?? []).map((rule)=>rule.x)
    ]);
    const yDomain = chart.yDomain ?? domainOf(points.flatMap((point)=>[
            point.y,
            ...point.yBar ?? []
        ]));
    const x = linear(xDomain, MARGIN.left, width - MARGIN.right);
    const y = linear(yDomain, height - MARGIN.bottom, MARGIN.top);
    const shown = chart.series.filter(({ name })=>!hidden.has(name));
    return html\`<svg class="chart" width="\${width}" height="\${height}" viewBox="0 0 \${width} \${height}" role="group" aria-label="\${chart.label}">\${axes(chart, {
        xDomain,
        yDomain,
        x,
        y,
        width,
        height
    })}\${(chart.rules ?? []).map((rule)=>ruleMark(rule, x, height, width))}\${shown.filter(({ faint })=>!faint).map((series)=>lineMark(series, x, y))}\${shown.map((series)=>pointMarks(series, x, y))}</svg>\`;
}
function axes(chart, { xDomain, yDomain, x, y, width, height }) {
    const bottom = height - MARGIN.bottom;
    const yTicks = ticks(yDomain, Math.max(3, Math.round((bottom - MARGIN.top) / 45)));
    const yTexts = tickTexts(yTicks);
    const rows = yTicks.map((value, i)=>html\`<line class="grid" x1="\${MARGIN.left}" x2="\${width - MARGIN.right}" y1="\${round(y(value))}" y2="\${round(y(value))}"/><text class="tick" x="\${MARGIN.left - 8}" y="\${round(y(value) + 4)}" text-anchor="end">\${yTexts[i]}</text>\`);
    return html\`<g aria-hidden="true">\${rows}<line class="axis" x1="\${MARGIN.left}" x2="\${width - MARGIN.right}" y1="\${bottom}" y2="\${bottom}"/>\${chart.places ? placeTicks(chart.places, x, bottom, width) : numberTicks(xDomain, x, bottom, width)}<text class="title" x="\${MARGIN.left - 38}" y="14">\${chart.yTitle}</text><text class="title" x="\${width - MARGIN.right}" y="\${height - 6}" text-anchor="end">\${chart.xTitle}</text></g>\`;
}
function numberTicks(domain, x, bottom, width) {
    const values = ticks(domain, Math.max(3, Math.round(width / 90)));
    const texts = tickTexts(values);
    return values.map((value, i)=>html\`<line class="axis" x1="\${round(x(value))}" x2="\${round(x(value))}" y1="\${bottom}" y2="\${bottom + 5}"/><text class="tick" x="\${round(x(value))}" y="\${bottom + 19}" text-anchor="middle">\${texts[i]}</text>\`);
}
function placeTicks(places, x, bottom, width) {
    const longest = Math.max(...places.map((name)=>name.length)) * 6.6 + 8;
    const every = Math.max(1, Math.ceil(longest * places.length / (width - MARGIN.left - MARGIN.right)));
    return places.flatMap((name, i)=>[
            html\`<line class="axis" x1="\${round(x(i))}" x2="\${round(x(i))}" y1="\${bottom}" y2="\${bottom + 5}"/>\`,
            ...i % every === 0 ? [
                html\`<text class="tick" x="\${round(x(i))}" y="\${bottom + 19}" text-anchor="middle">\${name}</text>\`
            ] : []
        ]);
}
function ruleMark({ x: value, text }, x, height, width) {
    const at = round(x(value));
    const right = at > width / 2;
    return html\`<g aria-hidden="true"><line class="rule" x1="\${at}" x2="\${at}" y1="\${MARGIN.top}" y2="\${height - MARGIN.bottom}"/><text class="tick" x="\${right ? at - 6 : at + 6}" y="\${height - MARGIN.bottom - 8}" text-anchor="\${right ? 'end' : 'start'}">\${text}</text></g>\`;
}
function lineMark({ points, style }, x, y) {
    const path = [
        ...points
    ].sort((a, b)=>a.x - b.x).map((point, i)=>\`\${i ? 'L' : 'M'}\${round(x(point.x))} \${round(y(point.y))}\`);
    return html\`<path class="line \${styleClass(style)}" d="\${path.join('')}" stroke-dasharray="\${dash(style)}" aria-hidden="true"/>\`;
}
function pointMarks({ name, points, style, faint }, x, y) {
    return html\`<g class="series \${styleClass(style)}\${faint ? ' faint' : ''}" data-series="\${name}">\${points.map((point)=>{
        const [cx, cy] = [
            round(x(point.x)),
            round(y(point.y))
        ];
        const bars = [
            point.yBar ? \`M\${cx} \${round(y(point.yBar[0]))}V\${round(y(point.yBar[1]))}\` : '',
            point.xBar ? \`M\${round(x(point.xBar[0]))} \${cy}H\${round(x(point.xBar[1]))}\` : ''
        ].join('');
        return html\`<g class="point" tabindex="0" role="img" aria-label="\${point.tip.join(', ')}" data-x="\${cx}" data-y="\${cy}" data-tip="\${point.tip.join('\\n')}">\${bars !== '' && html\`<path class="bar" d="\${bars}"/>\`}<path class="marker" d="\${marker(style)}" transform="translate(\${cx} \${cy})\${faint ? ' scale(.6)' : ''}"/></g>\`;
    })}</g>\`;
}
function legendSwatch(style) {
    return html\`<svg class="swatch \${styleClass(style)}" width="30" height="14" viewBox="0 0 30 14" aria-hidden="true"><path class="line" d="M1 7H29" stroke-dasharray="\${dash(style)}"/><path class="marker" d="\${marker(style)}" transform="translate(15 7)"/></svg>\`;
}
const styleClass = (style)=>style < 0 ? 'plain' : \`s\${style % STYLES}\`;
const marker = (style)=>MARKERS[style < 0 ? 3 : style % MARKERS.length];
const dash = (style)=>DASHES[Math.max(0, Math.floor(style / STYLES)) % DASHES.length];
const round = (value)=>Math.round(value * 10) / 10;
function mergedOrder(lists) {
    const left = new Set(lists.flat());
    const merged = [];
    while(left.size > 0){
        const heads = lists.map((list)=>list.find((name)=>left.has(name)));
        const isNext = (name)=>lists.every((list, i)=>heads[i] === name || !list.includes(name));
        const next = [
            ...left
        ].find(isNext) ?? [
            ...left
        ][0];
        merged.push(next);
        left.delete(next);
    }
    return merged;
}
function mean(values) {
    return values.reduce((sum, value)=>sum + value, 0) / values.length;
}
function standardDeviation(values) {
    if (values.length < 2) return 0;
    const centre = mean(values);
    return Math.sqrt(values.reduce((sum, value)=>sum + (value - centre) ** 2, 0) / (values.length - 1));
}
function signed(value) {
    const size = Math.abs(value);
    return \`\${value >= 0 ? '+' : '−'}\${size > 0 && size < 0.01 ? size.toPrecision(2) : size.toFixed(2)}\`;
}
function bootstrapInterval(values, { level = 0.95, resamples = 10_000, seed = 1 } = {}) {
    if (values.length < 2) return {
        low: Number.NEGATIVE_INFINITY,
        high: Number.POSITIVE_INFINITY
    };
    const next = mulberry32(seed);
    const means = new Float64Array(resamples);
    for(let i = 0; i < resamples; i++){
        let sum = 0;
        for(let k = 0; k < values.length; k++)sum += values[Math.floor(next() * values.length)];
        means[i] = sum / values.length;
    }
    means.sort();
    const tail = (1 - level) / 2;
    return {
        low: quantile(means, tail),
        high: quantile(means, 1 - tail)
    };
}
function quantile(sorted, q) {
    const at = q * (sorted.length - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
function mulberry32(seed) {
    let state = seed >>> 0;
    return ()=>{
        state = state + 0x6d2b79f5 >>> 0;
        let t = Math.imul(state ^ state >>> 15, 1 | state);
        t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
        return ((t ^ t >>> 14) >>> 0) / 4294967296;
    };
}
const maskName = ({ block, mask })=>\`\${block}, mask \${mask}\`;
const maskSteps = ({ views })=>mergedOrder(views.map((view)=>view.images[0].masks.map(maskName)));
const stageSteps = ({ views })=>mergedOrder(views.map((view)=>view.images[0].stages.map(({ name })=>name)));
function sweptSteps(points) {
    const all = [
        ...new Set(points.map(({ swept })=>swept))
    ];
    return all.length > 1 ? all.filter((swept)=>swept !== '') : all;
}
const isAtSwept = (own, swept)=>own === swept || own === '';
const viewAt = ({ views }, arm, swept)=>views.find((view)=>view.arm === arm && isAtSwept(view.swept, swept));
function stagesUpTo(data, view, stage) {
    const steps = stageSteps(data);
    const upTo = new Set(steps.slice(0, steps.indexOf(stage) + 1));
    return view.images[0].stages.filter(({ name })=>upTo.has(name)).length;
}
function maskNames(points) {
    return [
        ...new Set(points.flatMap(({ seeds })=>seeds.flatMap(({ densities })=>Object.values(densities).flatMap((block)=>Object.keys(block)))))
    ].sort();
}
const sampledPoints = (points)=>points.filter(({ seeds })=>seeds.some(({ densities })=>Object.keys(densities).length > 0));
const densitySweeps = (points)=>sweptSteps(sampledPoints(points));
function densityChart(points, mask, swept) {
    const own = points.filter((point)=>isAtSwept(point.swept, swept));
    const blocks = mergedOrder(own.flatMap(({ seeds })=>seeds.map(({ densities })=>Object.keys(densities))));
    const title = mask.replace(/(\\d+)$/, ' $1');
    return {
        label: \`Density of \${title} by block\${swept && \`, \${swept}\`}\`,
        xTitle: 'block',
        yTitle: \`density of \${title}\`,
        places: blocks,
        yDomain: {
            low: 0,
            high: 1.04
        },
        series: own.map(({ arm, style, swept: at, seeds })=>({
                name: arm,
                style,
                points: blocks.flatMap((block, x)=>{
                    const values = seeds.flatMap(({ densities })=>densities[block]?.[mask] ?? []);
                    if (values.length === 0) return [];
                    const y = mean(values);
                    const [low, high] = [
                        Math.min(...values),
                        Math.max(...values)
                    ];
                    const seedsText = values.length > 1 ? [
                        \`seeds from \${low.toFixed(2)} to \${high.toFixed(2)}\`
                    ] : [];
                    const tip = [
                        \`\${arm}\${at && \` \${at}\`}\`,
                        \`\${block}, \${title}\`,
                        \`density \${y.toFixed(2)}\`,
                        ...seedsText
                    ];
                    return [
                        {
                            x,
                            y,
                            yBar: [
                                low,
                                high
                            ],
                            tip
                        }
                    ];
                })
            }))
    };
}
function macUnit(largest) {
    return largest >= 2e9 ? {
        name: 'billions',
        letter: 'G',
        size: 1e9
    } : {
        name: 'millions',
        letter: 'M',
        size: 1e6
    };
}
function tradeoffChart({ points, reference, baseline }, { metric, taps, seeds = false }) {
    const unit = macUnit(Math.max(reference ?? 0, ...points.flatMap((point)=>point.seeds.map((seed)=>seed.macs[taps]))));
    const arms = [
        ...new Set(points.map((point)=>point.arm))
    ];
    const groups = arms.map((arm)=>points.filter((point)=>point.arm === arm));
    const series = groups.map((group)=>({
            name: group[0].arm,
            style: group[0].style,
            points: group.map((point)=>meanPoint(point, metric, taps, unit))
        }));
    if (seeds) {
        const single = groups.map((group)=>({
                name: group[0].arm,
                style: group[0].style,
                faint: true,
                points: group.flatMap((point)=>seedPoints(point, metric, taps, unit))
            }));
        series.unshift(...single);
    }
    const rules = reference === undefined ? [] : [
        {
            x: reference / unit.size,
            text: 'dense'
        }
    ];
    if (baseline && metric in baseline.metrics) {
        const [x, y] = [
            baseline.macs / unit.size,
            baseline.metrics[metric]
        ];
        series.push({
            name: baseline.label,
            style: BASELINE_STYLE,
            points: [
                {
                    x,
                    y,
                    tip: [
                        baseline.label,
                        \`\${metric} \${y.toFixed(1)}\`,
                        \`\${x.toFixed(1)} \${unit.letter} MACs\`
                    ]
                }
            ]
        });
    }
    return {
        label: \`\${metric} against MACs, \${arms.length} arms\`,
        xTitle: \`backbone MACs an image, \${unit.name}\`,
        yTitle: metric,
        series,
        rules
    };
}
const BASELINE_STYLE = -1;
function meanPoint({ arm, swept, seeds }, metric, taps, unit) {
    const xs = seeds.map((seed)=>seed.macs[taps] / unit.size);
    const ys = seeds.map((seed)=>seed.metrics[metric]);
    const [x, y, xError, yError] = [
        mean(xs),
        mean(ys),
        standardDeviation(xs),
        standardDeviation(ys)
    ];
    const spread = (value, error)=>\`\${value.toFixed(1)}\${seeds.length > 1 ? \` ± \${error.toFixed(1)}\` : ''}\`;
    const count = \`\${seeds.length} \${seeds.length === 1 ? 'seed' : 'seeds'}\`;
    const tip = [
        \`\${arm}\${swept && \` \${swept}\`}\`,
        \`\${metric} \${spread(y, yError)}\`,
        \`\${spread(x, xError)} \${unit.letter} MACs\`,
        count
    ];
    return seeds.length > 1 ? {
        x,
        y,
        xBar: [
            x - xError,
            x + xError
        ],
        yBar: [
            y - yError,
            y + yError
        ],
        tip
    } : {
        x,
        y,
        tip
    };
}
function seedPoints({ arm, swept, seeds }, metric, taps, unit) {
    return seeds.map(({ seed, metrics, macs })=>{
        const [x, y] = [
            macs[taps] / unit.size,
            metrics[metric]
        ];
        return {
            x,
            y,
            tip: [
                \`\${arm}\${swept && \` \${swept}\`}, seed \${seed}\`,
                \`\${metric} \${y.toFixed(1)}\`,
                \`\${x.toFixed(1)} \${unit.letter} MACs\`
            ]
        };
    });
}
function all(selector, root = document) {
    return [
        ...root.querySelectorAll(selector)
    ];
}
function one(selector, root = document) {
    const found = root.querySelector(selector);
    if (!found) throw new Error(\`no \${selector} in the page\`);
    return found;
}
function embedded(id) {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent ?? '') : undefined;
}
function onWidth(element, draw) {
    let last = 0;
    new ResizeObserver(()=>{
        const width = Math.floor(element.clientWidth);
        if (width === 0 || width === last) return;
        last = width;
        draw(width);
    }).observe(element);
}
const REACH = 28;
const KINDS = {
    tradeoff: (data, controls)=>tradeoffChart(data, {
            metric: String(controls.get('metric')),
            taps: controls.get('taps') === 'separable' ? 'separable' : 'direct',
            seeds: controls.get('seeds') === true
        }),
    density: (data, controls, plot)=>densityChart(data.points, plot.dataset.mask ?? '', String(controls.get('swept') ?? densitySweeps(data.points)[0]))
};
function startCharts() {
    const data = embedded('chart-data');
    if (!data) return;
    for (const figure of all('[data-chart]'))startFigure(figure, data);
}
function startFigure(figure, data) {
    const hidden = new Set();
    const plots = all('.plot', figure);
    const draw = (plot)=>{
        const chart = KINDS[figure.dataset.chart ?? ''](data, controlValues(figure), plot);
        const width = Math.max(260, Math.floor(plot.clientWidth));
        const height = Math.min(Number(plot.dataset.height), Math.round(Math.max(240, width * 0.8)));
        plot.innerHTML = drawChart(chart, {
            width,
            height
        }, hidden).markup;
        prepareKeys(plot);
    };
    const drawAll = ()=>plots.forEach(draw);
    for (const control of all('[data-control]', figure))control.addEventListener('change', drawAll);
    for (const button of all('button[data-series]', figure)){
        button.addEventListener('click', ()=>{
            const name = button.dataset.series ?? '';
            const shown = hidden.delete(name);
            if (!shown) hidden.add(name);
            button.setAttribute('aria-pressed', String(shown));
            drawAll();
        });
    }
    for (const plot of plots){
        onWidth(plot, ()=>draw(plot));
        startTips(plot);
    }
}
function controlValues(figure) {
    return new Map(all('[data-control]', figure).map((control)=>[
            control.dataset.control ?? '',
            control instanceof HTMLInputElement ? control.checked : control.value
        ]));
}
const pointsOf = (plot)=>all('.point', plot);
const placeOf = (point)=>({
        x: Number(point.dataset.x),
        y: Number(point.dataset.y)
    });
function prepareKeys(plot) {
    pointsOf(plot).forEach((point, i)=>{
        point.setAttribute('tabindex', i === 0 ? '0' : '-1');
    });
}
function startTips(plot) {
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    plot.after(tip);
    const show = (point)=>{
        for (const other of all('.point.active', plot))other.classList.remove('active');
        tip.hidden = point === undefined;
        if (!point) return;
        point.classList.add('active');
        tip.textContent = point.dataset.tip ?? '';
        placeTip(tip, plot, placeOf(point));
    };
    plot.addEventListener('pointermove', (event)=>show(nearest(plot, event)));
    plot.addEventListener('pointerdown', (event)=>show(nearest(plot, event)));
    plot.addEventListener('pointerleave', ()=>show(undefined));
    plot.addEventListener('focusin', (event)=>show(event.target.closest('.point') ?? undefined));
    plot.addEventListener('focusout', ()=>show(undefined));
    plot.addEventListener('keydown', (event)=>{
        if (event.key === 'Escape') show(undefined);
        const points = pointsOf(plot);
        const next = neighbour(points, points.indexOf(document.activeElement), event.key);
        if (next === undefined) return;
        event.preventDefault();
        for (const point of points)point.setAttribute('tabindex', point === points[next] ? '0' : '-1');
        points[next].focus();
    });
}
function neighbour(points, at, key) {
    if (at < 0) return undefined;
    const series = (index)=>points[index]?.parentElement?.dataset.series;
    if (key === 'Home') return 0;
    if (key === 'End') return points.length - 1;
    if (key === 'ArrowRight') return Math.min(points.length - 1, at + 1);
    if (key === 'ArrowLeft') return Math.max(0, at - 1);
    if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
    const step = key === 'ArrowDown' ? 1 : -1;
    let next = at;
    while(points[next] && series(next) === series(at))next += step;
    return points[next] ? next : at;
}
function nearest(plot, event) {
    const box = one('svg', plot).getBoundingClientRect();
    const [x, y] = [
        event.clientX - box.left,
        event.clientY - box.top
    ];
    const ranked = pointsOf(plot).map((point)=>({
            point,
            distance: Math.hypot(placeOf(point).x - x, placeOf(point).y - y)
        }));
    ranked.sort((a, b)=>a.distance - b.distance);
    return ranked[0] && ranked[0].distance <= REACH ? ranked[0].point : undefined;
}
function placeTip(tip, plot, { x, y }) {
    const left = Math.min(Math.max(x - tip.offsetWidth / 2, 0), plot.clientWidth - tip.offsetWidth);
    const above = y - tip.offsetHeight - 12;
    tip.style.left = \`\${plot.offsetLeft + left}px\`;
    tip.style.top = \`\${plot.offsetTop + (above >= 0 ? above : y + 14)}px\`;
}
function costMap(stages, masks, count = stages.length) {
    const height = Math.max(1, ...masks.map((mask)=>mask.height));
    const width = Math.max(1, ...masks.map((mask)=>mask.width));
    const values = new Float32Array(height * width);
    for (const { uniform, parts } of stages.slice(0, count)){
        for(let i = 0; i < values.length; i++)values[i] += uniform;
        for (const { mask, sampled, filled } of parts)addPart(values, height, width, masks[mask], sampled, filled);
    }
    return {
        height,
        width,
        values
    };
}
function addPart(values, height, width, mask, sampled, filled) {
    for(let y = 0; y < height; y++){
        const row = Math.floor((y + 0.5) * mask.height / height) * mask.width;
        for(let x = 0; x < width; x++){
            values[y * width + x] += mask.cells[row + Math.floor((x + 0.5) * mask.width / width)] ? sampled : filled;
        }
    }
}
function packCells(cells) {
    const bytes = new Uint8Array(Math.ceil(cells.length / 8));
    for(let i = 0; i < cells.length; i++)if (Number(cells[i]) > 0) bytes[i >> 3] |= 128 >> (i & 7);
    return btoa(Array.from(bytes, (byte)=>String.fromCharCode(byte)).join(''));
}
function unpackCells(packed, count) {
    const bytes = atob(packed);
    return Uint8Array.from({
        length: count
    }, (_, i)=>bytes.charCodeAt(i >> 3) >> 7 - (i & 7) & 1);
}
const STOPS = [
    [
        68,
        1,
        84
    ],
    [
        71,
        44,
        122
    ],
    [
        59,
        81,
        139
    ],
    [
        44,
        113,
        142
    ],
    [
        33,
        144,
        141
    ],
    [
        39,
        173,
        129
    ],
    [
        92,
        200,
        99
    ],
    [
        170,
        220,
        50
    ],
    [
        253,
        231,
        37
    ]
];
function heatColor(value) {
    const at = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
    const below = Math.min(STOPS.length - 2, Math.floor(at));
    const mix = (k)=>Math.round(STOPS[below][k] + (at - below) * (STOPS[below + 1][k] - STOPS[below][k]));
    return [
        mix(0),
        mix(1),
        mix(2)
    ];
}
const HEAT_GRADIENT = \`linear-gradient(90deg,\${STOPS.map((stop)=>\`rgb(\${stop.join(' ')})\`).join(',')})\`;
function prepare(canvas, { width, height }) {
    canvas.style.aspectRatio = \`\${width} / \${height}\`;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    canvas.height = Math.max(1, Math.round(canvas.width * height / width));
    return canvas.getContext('2d');
}
function drawSamples(canvas, size, picture, mask) {
    const context = prepare(canvas, size);
    if (!context) return;
    const { width, height } = canvas;
    if (picture.complete && picture.naturalWidth > 0) context.drawImage(picture, 0, 0, width, height);
    if (!mask) return;
    context.fillStyle = 'rgb(0 0 0 / .5)';
    context.fillRect(0, 0, width, height);
    const [cellWidth, cellHeight] = [
        width / mask.width,
        height / mask.height
    ];
    const radius = Math.max(0.75, Math.min(cellWidth, cellHeight) * 0.24);
    context.fillStyle = '#fff';
    context.beginPath();
    for(let i = 0; i < mask.cells.length; i++){
        if (!mask.cells[i]) continue;
        const [x, y] = [
            (i % mask.width + 0.5) * cellWidth,
            (Math.floor(i / mask.width) + 0.5) * cellHeight
        ];
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
}
function drawCost(canvas, size, map, high, probe) {
    const context = prepare(canvas, size);
    if (!context) return;
    const cells = document.createElement('canvas');
    [cells.width, cells.height] = [
        map.width,
        map.height
    ];
    const pixels = new ImageData(map.width, map.height);
    map.values.forEach((value, i)=>{
        pixels.data.set([
            ...heatColor(value / high),
            255
        ], 4 * i);
    });
    cells.getContext('2d')?.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, 0, 0, canvas.width, canvas.height);
    if (probe) drawProbe(context, probe.x * canvas.width, probe.y * canvas.height);
}
function drawProbe(context, x, y) {
    for (const [width, color] of [
        [
            4,
            '#000'
        ],
        [
            1.8,
            '#fff'
        ]
    ]){
        context.lineWidth = width * devicePixelRatio;
        context.strokeStyle = color;
        context.beginPath();
        context.arc(x, y, 6 * devicePixelRatio, 0, 2 * Math.PI);
        context.stroke();
    }
}
function startExplorer() {
    const root = document.querySelector('[data-explorer]');
    const data = embedded('mask-data');
    if (!root || !data) return;
    const pictures = all('img[data-picture]', root);
    const shown = memory(data);
    const high = highestCost(data, shown);
    one('[data-heat-high]', root).textContent = formatMacs(high);
    const dense = [
        ...new Set(data.views.flatMap((view)=>view.images.map((image)=>formatMacs(image.dense))))
    ];
    one('[data-dense]', root).textContent = \`The network without masks spends \${dense.join(' or ')} everywhere.\`;
    const choice = {
        image: 0,
        swept: sweptSteps(data.views).at(-1),
        mask: maskSteps(data)[0],
        stage: stageSteps(data).at(-1)
    };
    const draw = ()=>drawTiles(root, data, {
            choice,
            shown,
            picture: pictures[choice.image],
            high
        });
    startTabs(root, (image)=>{
        choice.image = image;
        draw();
    });
    startSliders(root, (name, value)=>{
        if (name === 'swept') choice.swept = value;
        if (name === 'mask') choice.mask = value;
        if (name === 'stage') choice.stage = value;
        draw();
    });
    startProbe(root, choice, draw);
    for (const picture of pictures)if (!picture.complete) picture.addEventListener('load', draw);
    onWidth(one('.tile canvas', root), draw);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}
function memory(data) {
    const known = new Map();
    return (view, image)=>{
        const key = \`\${data.views.indexOf(view)} \${image}\`;
        const { masks, stages } = view.images[image];
        const made = known.get(key) ?? {
            masks: masks.map(({ height, width, bits })=>({
                    height,
                    width,
                    cells: unpackCells(bits, height * width)
                })),
            cost: (count)=>costMap(stages, made.masks, count)
        };
        known.set(key, made);
        return made;
    };
}
function highestCost(data, shown) {
    const highest = (view)=>view.images.map((_, image)=>shown(view, image).cost(Number.POSITIVE_INFINITY).values.reduce((a, b)=>Math.max(a, b), 0));
    return Math.max(...data.views.flatMap(highest));
}
function drawTiles(root, data, { choice, shown, picture, high }) {
    const image = data.images[choice.image];
    const values = [];
    for (const tile of all('.tile', root)){
        const canvas = one('canvas', tile);
        const view = viewAt(data, tile.dataset.arm, choice.swept);
        tile.classList.toggle('absent', view === undefined);
        if (!view) continue;
        const { masks, cost } = shown(view, choice.image);
        const { dense } = view.images[choice.image];
        const name = \`\${view.arm}\${view.swept && \` \${view.swept}\`}, seed \${view.seed}, image \${image.id}\`;
        if (tile.parentElement?.dataset.tiles === 'mask') {
            const cells = masks[view.images[choice.image].masks.findIndex((mask)=>maskName(mask) === choice.mask)];
            drawSamples(canvas, image, picture, cells);
            if (cells) {
                const share = 100 * cells.cells.reduce((sum, cell)=>sum + cell, 0) / cells.cells.length;
                caption(tile, \`\${share.toFixed(0)} %\`, \`\${name}: \${choice.mask} samples \${share.toFixed(0)} percent\`);
            } else caption(tile, 'has no such mask', \`\${name}: has no \${choice.mask}\`);
        } else {
            const map = cost(stagesUpTo(data, view, choice.stage));
            const mean = map.values.reduce((sum, value)=>sum + value, 0) / map.values.length;
            drawCost(canvas, image, map, high, choice.probe);
            const share = \`\${(100 * mean / dense).toFixed(0)} % of dense\`;
            caption(tile, \`\${formatMacs(mean)} a pixel, \${share}\`, \`\${name}: \${formatMacs(mean)} MACs a pixel on average, \${share}\`);
            if (choice.probe) values.push(\`\${view.arm} \${formatMacs(valueAtSpot(map, choice.probe))}\`);
        }
    }
    if (choice.probe) {
        const [x, y] = [
            Math.floor(choice.probe.x * image.width),
            Math.floor(choice.probe.y * image.height)
        ];
        one('[data-readout]', root).textContent = \`MACs at pixel x \${x}, y \${y}: \${values.join(', ')}\`;
    }
}
function caption(tile, text, spoken) {
    one('[data-caption]', tile).textContent = text;
    one('canvas', tile).setAttribute('aria-label', spoken);
}
function valueAtSpot({ width, height, values }, { x, y }) {
    return values[Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width))];
}
const formatMacs = (value)=>Math.round(value).toLocaleString('en');
function startTabs(root, select) {
    const tabs = all('[role=tab]', root);
    const panel = one('[role=tabpanel]', root);
    const activate = (index)=>{
        tabs.forEach((tab, i)=>{
            tab.setAttribute('aria-selected', String(i === index));
            tab.tabIndex = i === index ? 0 : -1;
        });
        panel.setAttribute('aria-labelledby', tabs[index].id);
        select(index);
    };
    tabs.forEach((tab, index)=>{
        tab.addEventListener('click', ()=>activate(index));
        tab.addEventListener('keydown', (event)=>{
            const target = {
                ArrowRight: index + 1,
                ArrowLeft: index - 1,
                Home: 0,
                End: tabs.length - 1
            }[event.key];
            if (target === undefined) return;
            event.preventDefault();
            const next = (target + tabs.length) % tabs.length;
            activate(next);
            tabs[next].focus();
        });
    });
}
function startSliders(root, change) {
    for (const slider of all('input[type=range]', root)){
        const values = JSON.parse(slider.dataset.values ?? '[]');
        const apply = ()=>{
            const index = Number(slider.value);
            slider.setAttribute('aria-valuetext', values[index]);
            one('output', slider.parentElement ?? root).textContent = values[index];
            change(slider.dataset.slider ?? '', values[index]);
        };
        slider.addEventListener('input', apply);
        apply();
    }
}
function startProbe(root, choice, draw) {
    const tiles = one('[data-tiles=cost]', root);
    tiles.addEventListener('pointermove', (event)=>{
        const canvas = event.target.closest('canvas');
        if (!canvas) return;
        const box = canvas.getBoundingClientRect();
        choice.probe = {
            x: within((event.clientX - box.left) / box.width),
            y: within((event.clientY - box.top) / box.height)
        };
        draw();
    });
    tiles.addEventListener('keydown', (event)=>{
        const step = {
            ArrowLeft: [
                -1,
                0
            ],
            ArrowRight: [
                1,
                0
            ],
            ArrowUp: [
                0,
                -1
            ],
            ArrowDown: [
                0,
                1
            ]
        }[event.key];
        if (!step) return;
        event.preventDefault();
        const { x, y } = choice.probe ?? {
            x: 0.5,
            y: 0.5
        };
        choice.probe = {
            x: within(x + step[0] / 40),
            y: within(y + step[1] / 40)
        };
        draw();
    });
}
const within = (value)=>Math.min(0.9999, Math.max(0, value));
function startTables() {
    for (const table of all('table.sortable')){
        const heads = all('thead th', table);
        const status = document.createElement('p');
        status.className = 'hidden';
        status.setAttribute('role', 'status');
        table.closest('.scroller')?.after(status);
        heads.forEach((head, column)=>{
            const button = document.createElement('button');
            button.type = 'button';
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener('click', ()=>{
                const order = nextOrder(head);
                for (const other of heads)other.removeAttribute('aria-sort');
                head.setAttribute('aria-sort', order);
                sortRows(one('tbody', table), column, order);
                status.textContent = \`Sorted by \${button.textContent}, \${order}\`;
            });
        });
    }
}
function nextOrder(head) {
    const current = head.getAttribute('aria-sort');
    if (current) return current === 'ascending' ? 'descending' : 'ascending';
    return head.classList.contains('number') ? 'descending' : 'ascending';
}
function sortRows(body, column, order) {
    const sign = order === 'ascending' ? 1 : -1;
    const rows = [
        ...body.rows
    ].map((row)=>({
            row,
            value: sortValue(row.cells[column])
        }));
    rows.sort((a, b)=>{
        if (a.value === '' || b.value === '') return Number(a.value === '') - Number(b.value === '');
        return sign * compareValues(a.value, b.value);
    });
    body.append(...rows.map(({ row })=>row));
}
function sortValue(cell) {
    return cell.dataset.value ?? cell.textContent ?? '';
}
function compareValues(a, b) {
    const [x, y] = [
        Number(a),
        Number(b)
    ];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, 'en', {
        numeric: true
    }) : x - y;
}
function startFilter() {
    for (const controls of all('[data-filter]')){
        const select = one('select', controls);
        const rows = all(\`table.\${controls.dataset.filter} tbody tr\`);
        select.addEventListener('change', ()=>{
            for (const row of rows)row.hidden = select.value !== '' && row.dataset.kind !== select.value;
        });
    }
}
document.documentElement.classList.add('js');
startTables();
startFilter();
startCharts();
startExplorer();
})();`;

export const CLIENT_STYLE = `:root {
--page: #ffffff;
--panel: #f5f6f8;
--line: #d5d9e0;
--text: #1b2028;
--soft: #545c69;
--link: #0a58b0;
--focus: #0a58b0;
--mark: #fff0b8;
--supported: #0b6b3a;
--supported-back: #e3f4ea;
--contradicted: #a3241a;
--contradicted-back: #fbe9e7;
--inconclusive: #6b4e00;
--inconclusive-back: #fbf1d7;
--s0: #0060a8;
--s1: #c2410c;
--s2: #067a57;
--s3: #9a3fa0;
--s4: #8a6100;
--s5: #3f6fd8;
--s6: #b5255f;
--s7: #55606e;
--p0: #64748b;
--p1: #0060a8;
--p2: #b46a00;
--p3: #067a57;
--serif: "Charter", "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", Palatino, Cambria, Georgia, serif;
--sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
--mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
:root {
--page: #14171c;
--panel: #1c2027;
--line: #3a414c;
--text: #e8eaee;
--soft: #a7afbc;
--link: #8bbcff;
--focus: #8bbcff;
--mark: #54450f;
--supported: #6fd69b;
--supported-back: #153225;
--contradicted: #ff9d91;
--contradicted-back: #3b1c1a;
--inconclusive: #f0cd6b;
--inconclusive-back: #362c10;
--s0: #6cb6ff;
--s1: #ff9a5c;
--s2: #4fd3a4;
--s3: #e29bea;
--s4: #e3c14d;
--s5: #9db4ff;
--s6: #ff8fb8;
--s7: #aeb8c6;
--p0: #94a3b8;
--p1: #6cb6ff;
--p2: #f2b04f;
--p3: #4fd3a4;
}
}
* {
box-sizing: border-box;
}
html {
color-scheme: light dark;
scroll-padding-top: 3.5rem;
-webkit-text-size-adjust: 100%;
}
@media (prefers-reduced-motion: no-preference) {
html {
scroll-behavior: smooth;
}
}
body {
margin: 0;
background: var(--page);
color: var(--text);
font: 1rem / 1.55 var(--sans);
}
body > header,
main,
body > footer {
max-width: 70rem;
margin: 0 auto;
padding: 0 1.25rem;
}
body > header {
padding-top: 2.5rem;
padding-bottom: 1.25rem;
}
h1,
h2,
h3 {
font-family: var(--serif);
line-height: 1.2;
text-wrap: balance;
}
h1 {
margin: 0.2rem 0 0.75rem;
font-size: clamp(1.8rem, 5vw, 2.6rem);
}
h2 {
margin: 0 0 1rem;
font-size: 1.55rem;
}
h3 {
margin: 1.5rem 0 0.6rem;
font-size: 1.15rem;
}
section {
padding: 2rem 0 1rem;
border-top: 1px solid var(--line);
}
section:first-child {
border-top: 0;
}
a {
color: var(--link);
text-underline-offset: 0.15em;
}
p,
ul,
ol,
dl,
figure {
margin: 0 0 1rem;
}
code,
pre {
font-family: var(--mono);
font-size: 0.875em;
}
blockquote {
max-width: 44rem;
margin: 0 0 1rem;
padding-left: 1rem;
border-left: 3px solid var(--line);
font: italic 1.15rem / 1.45 var(--serif);
}
blockquote p {
margin: 0;
}
blockquote .source {
color: var(--soft);
font: 0.875rem var(--sans);
}
mark {
background: var(--mark);
color: inherit;
padding: 0 0.15em;
border-radius: 2px;
}
:focus-visible {
outline: 3px solid var(--focus);
outline-offset: 2px;
}
.hidden {
position: absolute;
width: 1px;
height: 1px;
overflow: hidden;
clip-path: inset(50%);
white-space: nowrap;
}
.skip {
position: absolute;
left: -100vw;
padding: 0.5rem 1rem;
background: var(--page);
}
.skip:focus {
left: 0.5rem;
top: 0.5rem;
z-index: 3;
}
.eyebrow {
margin: 0;
color: var(--soft);
font-size: 0.9rem;
}
.facts-line {
margin-bottom: 0.75rem;
color: var(--soft);
}
.aside,
.note,
figcaption {
color: var(--soft);
font-size: 0.9rem;
}
.note,
figcaption {
max-width: 52rem;
}
.alert {
color: var(--contradicted);
font-weight: 600;
}
nav {
position: sticky;
top: 0;
z-index: 2;
overflow-x: auto;
background: var(--page);
border-top: 1px solid var(--line);
border-bottom: 1px solid var(--line);
}
nav ul {
display: flex;
max-width: 70rem;
margin: 0 auto;
padding: 0 0.75rem;
list-style: none;
}
nav a {
display: block;
padding: 0.6rem 0.5rem;
color: var(--text);
font-size: 0.9rem;
text-decoration: none;
white-space: nowrap;
}
nav a:hover {
text-decoration: underline;
}
nav a:focus-visible {
outline-offset: -3px;
}
.badge {
display: inline-block;
padding: 0.1rem 0.6rem;
border-radius: 1rem;
border: 1px solid currentcolor;
font: 600 0.85rem / 1.5 var(--sans);
white-space: nowrap;
}
.badge.supported {
color: var(--supported);
background: var(--supported-back);
}
.badge.contradicted {
color: var(--contradicted);
background: var(--contradicted-back);
}
.badge.inconclusive {
color: var(--inconclusive);
background: var(--inconclusive-back);
}
.badge.none {
color: var(--soft);
border-color: var(--line);
font-weight: 400;
}
.counts {
display: flex;
flex-wrap: wrap;
gap: 0.5rem;
padding: 0;
list-style: none;
}
.cards {
display: grid;
gap: 1rem;
padding: 0;
list-style: none;
}
.experiments {
grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
}
.card {
min-width: 0;
padding: 1rem 1.25rem;
border: 1px solid var(--line);
border-left-width: 5px;
border-radius: 6px;
overflow-wrap: anywhere;
}
.card.supported {
border-left-color: var(--supported);
}
.card.contradicted,
.card.failed {
border-left-color: var(--contradicted);
}
.card.inconclusive {
border-left-color: var(--inconclusive);
}
.card h3 {
margin: 0 0 0.75rem;
}
.card p:last-child {
margin-bottom: 0;
}
.card h3 {
display: flex;
flex-wrap: wrap;
gap: 0.4rem 0.7rem;
align-items: center;
}
.evidence {
display: grid;
grid-template-columns: minmax(0, 5fr) minmax(0, 6fr);
gap: 1rem 2rem;
align-items: center;
}
.rows {
margin: 0 0 0.75rem;
}
.rows div {
display: grid;
grid-template-columns: minmax(8rem, 16rem) 1fr;
gap: 0 1rem;
padding: 0.25rem 0;
}
.rows dt {
color: var(--soft);
}
.rows dd {
margin: 0;
overflow-wrap: anywhere;
}
.facts {
display: grid;
grid-template-columns: repeat(2, minmax(0, 1fr));
gap: 0.75rem 1rem;
margin: 0;
}
.facts dt {
color: var(--soft);
font-size: 0.85rem;
}
.facts dd {
margin: 0;
font-variant-numeric: tabular-nums;
}
.facts div:first-child dd {
font-size: 1.35rem;
font-weight: 600;
line-height: 1.2;
}
.basis {
margin: 0.75rem 0 0;
color: var(--soft);
font-size: 0.9rem;
}
.forest {
color: var(--soft);
}
.forest svg {
display: block;
overflow: visible;
}
.forest.small {
display: block;
width: 8rem;
}
.forest.supported {
--verdict: var(--supported);
}
.forest.contradicted {
--verdict: var(--contradicted);
}
.forest.inconclusive {
--verdict: var(--inconclusive);
}
.forest .axis {
stroke: var(--line);
}
.forest .zero {
stroke: var(--text);
stroke-dasharray: 3 3;
}
.forest .margin {
fill: var(--line);
opacity: 0.6;
}
.forest .interval {
stroke: var(--verdict);
stroke-width: 5;
}
.forest .seed {
stroke: var(--text);
stroke-width: 1.5;
}
.forest .mean {
fill: var(--verdict);
stroke: var(--page);
stroke-width: 2;
}
.forest.small .interval {
stroke-width: 4;
}
.forest.small .mean {
stroke-width: 1;
}
.forest .tick {
fill: var(--soft);
font-size: 0.75rem;
}
.sides {
display: flex;
justify-content: space-between;
gap: 1rem;
font-size: 0.8rem;
}
.controls {
display: none;
flex-wrap: wrap;
gap: 0.5rem 1.5rem;
align-items: center;
margin-bottom: 0.75rem;
}
.js .controls {
display: flex;
}
select,
button {
padding: 0.3rem 0.6rem;
border: 1px solid var(--soft);
border-radius: 4px;
background: var(--page);
color: inherit;
font: inherit;
font-size: 0.9rem;
}
button {
cursor: pointer;
}
button:hover,
select:hover {
background: var(--panel);
}
thead button {
padding: 0;
border: 0;
background: none;
font-weight: inherit;
}
thead button:hover {
background: none;
text-decoration: underline;
}
input[type="checkbox"],
input[type="range"] {
accent-color: var(--link);
}
.legend {
display: flex;
flex-wrap: wrap;
gap: 0.4rem;
margin-bottom: 0.5rem;
}
.legend button {
display: inline-flex;
gap: 0.4rem;
align-items: center;
text-align: left;
}
.legend button[aria-pressed="false"] {
border-style: dashed;
color: var(--soft);
text-decoration: line-through;
}
.legend button[aria-pressed="false"] .swatch {
opacity: 0.35;
}
.chart-figure {
position: relative;
}
.plot {
max-width: 100%;
overflow: hidden;
}
.pair {
display: grid;
grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
gap: 1rem;
}
svg.chart {
display: block;
max-width: 100%;
font-family: var(--sans);
}
.chart .grid {
stroke: var(--line);
stroke-width: 1;
opacity: 0.7;
}
.chart .axis {
stroke: var(--soft);
}
.chart .tick {
fill: var(--soft);
font-size: 12px;
font-variant-numeric: tabular-nums;
}
.chart .title {
fill: var(--text);
font-size: 13px;
}
.chart .rule {
stroke: var(--soft);
stroke-dasharray: 4 4;
}
.line {
fill: none;
stroke: currentcolor;
stroke-width: 1.75;
}
.marker {
fill: currentcolor;
}
.chart .bar {
fill: none;
stroke: currentcolor;
stroke-width: 1.5;
opacity: 0.75;
}
.chart .faint {
opacity: 0.65;
}
.chart .point {
outline: none;
}
.chart .point.active .marker,
.chart .point:focus .marker {
stroke: var(--text);
stroke-width: 2;
paint-order: stroke;
}
.chart .point:focus-visible .marker {
stroke: var(--focus);
stroke-width: 6;
}
.s0 {
color: var(--s0);
}
.s1 {
color: var(--s1);
}
.s2 {
color: var(--s2);
}
.s3 {
color: var(--s3);
}
.s4 {
color: var(--s4);
}
.s5 {
color: var(--s5);
}
.s6 {
color: var(--s6);
}
.s7 {
color: var(--s7);
}
.tip {
position: absolute;
z-index: 1;
padding: 0.4rem 0.6rem;
border: 1px solid var(--soft);
border-radius: 4px;
background: var(--page);
font-size: 0.85rem;
line-height: 1.4;
white-space: pre-line;
pointer-events: none;
}
.scroller {
overflow-x: auto;
margin-bottom: 0.75rem;
border: 1px solid var(--line);
border-radius: 6px;
}
table {
border-collapse: collapse;
width: 100%;
font-size: 0.9rem;
}
th,
td {
padding: 0.4rem 0.7rem;
text-align: left;
vertical-align: baseline;
}
th.number,
td.number {
text-align: right;
white-space: nowrap;
font-variant-numeric: tabular-nums;
}
thead th {
background: var(--panel);
border-bottom: 1px solid var(--line);
white-space: nowrap;
}
th[aria-sort="ascending"] button::after {
content: " ▲";
}
th[aria-sort="descending"] button::after {
content: " ▼";
}
tbody th {
font-weight: 600;
white-space: nowrap;
}
thead th:first-child,
tbody th {
position: sticky;
left: 0;
}
tbody th {
background: var(--page);
}
tbody tr + tr > * {
border-top: 1px solid var(--line);
}
tbody tr:hover > * {
background: var(--panel);
}
.claims td {
vertical-align: middle;
}
.claims td:nth-child(3) {
min-width: 13rem;
}
.claims tbody th {
min-width: 9rem;
vertical-align: middle;
white-space: normal;
}
.key {
display: inline-block;
width: 0.7em;
height: 0.7em;
margin-right: 0.45em;
border-radius: 50%;
background: currentcolor;
}
.mac-bars,
.key-list {
padding: 0;
list-style: none;
}
.key-list {
display: flex;
flex-wrap: wrap;
gap: 0.3rem 1.2rem;
font-size: 0.9rem;
}
.key-list span {
display: inline-block;
width: 0.9em;
height: 0.9em;
margin-right: 0.4em;
vertical-align: -0.08em;
}
.mac-bars li {
display: grid;
grid-template-columns: minmax(9rem, 15rem) 1fr 4rem;
gap: 0.75rem;
align-items: center;
padding: 0.12rem 0;
font-size: 0.9rem;
}
.stack {
display: flex;
height: 1.05rem;
}
.stack span + span {
border-left: 1px solid var(--page);
}
.mac-bars .value {
text-align: right;
font-variant-numeric: tabular-nums;
}
.p0 {
background: var(--p0);
}
.p1 {
background: var(--p1);
}
.p2 {
background: var(--p2);
}
.p3 {
background: var(--p3);
}
.p4 {
border: 1px solid var(--soft);
}
.explorer {
display: none;
}
.js .explorer {
display: block;
}
.picture-tabs {
display: flex;
gap: 0.5rem;
overflow-x: auto;
margin-bottom: 1rem;
padding: 4px;
}
.picture-tabs button {
display: grid;
gap: 0.2rem;
justify-items: center;
padding: 0.3rem 0.3rem 0.1rem;
}
.picture-tabs img {
height: 4.5rem;
}
.picture-tabs [aria-selected="true"] {
border-color: var(--link);
box-shadow: 0 0 0 1px var(--link);
font-weight: 600;
}
.slider {
display: grid;
grid-template-columns: auto minmax(8rem, 18rem) 12rem;
gap: 0.75rem;
align-items: center;
}
.slider output {
font-variant-numeric: tabular-nums;
}
.tiles {
display: grid;
grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr));
gap: 1rem;
margin-bottom: 0.75rem;
}
.tile {
margin: 0;
}
.tile canvas {
display: block;
width: 100%;
border-radius: 3px;
}
.tile.absent {
display: none;
}
[data-tiles="cost"] canvas {
cursor: crosshair;
}
.tile figcaption {
margin-top: 0.3rem;
font-variant-numeric: tabular-nums;
}
.tile strong {
color: var(--text);
}
.legend-bar {
display: grid;
margin-bottom: 0.75rem;
color: var(--soft);
font-size: 0.9rem;
}
.legend-bar .bar,
.legend-bar .ends {
max-width: 26rem;
}
.legend-bar .bar {
height: 0.9rem;
border-radius: 2px;
}
.legend-bar .ends {
display: flex;
justify-content: space-between;
font-variant-numeric: tabular-nums;
}
.readout {
min-height: 1.6em;
font-variant-numeric: tabular-nums;
}
details {
margin-bottom: 0.75rem;
}
summary {
padding: 0.3rem 0;
cursor: pointer;
font-weight: 600;
}
summary .aside {
font-weight: 400;
}
pre {
max-height: 32rem;
margin: 0.5rem 0;
padding: 0.75rem 1rem;
overflow: auto;
border: 1px solid var(--line);
border-radius: 6px;
background: var(--panel);
line-height: 1.45;
}
.was {
color: var(--soft);
}
body > footer {
padding-top: 1rem;
padding-bottom: 2.5rem;
color: var(--soft);
font-size: 0.9rem;
}
@media (max-width: 44rem) {
body > header,
main,
body > footer {
padding-left: 1rem;
padding-right: 1rem;
}
.evidence {
grid-template-columns: minmax(0, 1fr);
}
.card {
padding: 0.9rem;
}
.tiles {
grid-template-columns: repeat(2, minmax(0, 1fr));
gap: 0.75rem;
}
.slider {
grid-template-columns: minmax(0, 1fr);
gap: 0.2rem;
width: 100%;
}
.mac-bars li {
grid-template-columns: 1fr auto;
gap: 0 0.75rem;
padding: 0.3rem 0;
}
.mac-bars .stack {
grid-row: 2;
grid-column: 1 / -1;
}
.rows div {
grid-template-columns: 1fr;
padding: 0.35rem 0;
}
}
@media print {
nav,
.skip,
.js .controls,
.picture-tabs {
display: none;
}
section {
break-inside: avoid-page;
}
}
img.picture {
max-width: 100%;
height: auto;
padding: 0.5rem;
border-radius: 6px;
background: #fff;
}`;
