// A small twin of the library: Huffman codes in exact integers, and what they cost. Weights are BigInt.
"use strict";

const codec = (() => {
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const total = (weights) => weights.reduce((a, b) => a + b, 0n);

  // Normalised weights. BigInt division keeps 53 bits and more of any ratio.
  function probabilities(weights) {
    const all = total(weights), scale = 1n << 80n;
    return weights.map((w) => Number((w * scale) / all) / 2 ** 80);
  }

  // Two queues: leaves by (weight, position), then inner nodes; a leaf goes before an inner node of equal weight.
  function huffmanLengths(weights) {
    const leaves = weights.map((weight, symbol) => ({ weight, symbol })).filter((leaf) => leaf.weight > 0n);
    leaves.sort((a, b) => (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : a.symbol - b.symbol));
    const lengths = weights.map(() => 0), inner = [];
    if (leaves.length === 1) lengths[leaves[0].symbol] = 1;
    let leaf = 0, node = 0;
    const next = () =>
      node === inner.length || (leaf < leaves.length && leaves[leaf].weight <= inner[node].weight)
        ? leaves[leaf++] : inner[node++];
    for (let merges = leaves.length - 1; merges > 0; merges--) {
      const first = next(), second = next();
      inner.push({ weight: first.weight + second.weight, children: [first, second] });
    }
    for (let i = inner.length - 1; i >= 0; i--) {
      for (const child of inner[i].children) {
        child.depth = (inner[i].depth || 0) + 1;
        if (child.children === undefined) lengths[child.symbol] = child.depth;
      }
    }
    return lengths;
  }

  // The least l >= 1 with w 2^l >= W: ceil(log2 W/w) in integers.
  function shannonLengths(weights) {
    const all = total(weights);
    return weights.map((weight) => {
      let length = weight > 0n ? 1 : 0;
      while (weight > 0n && weight << BigInt(length) < all) length++;
      return length;
    });
  }

  // Canonical codewords, in the order of (length, position), as strings of 0 and 1; "" where the length is 0.
  function codewords(lengths) {
    const order = lengths.map((length, symbol) => ({ length, symbol })).filter((one) => one.length > 0);
    order.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
    const words = lengths.map(() => "");
    let word = 0n, last = 0;
    for (const { length, symbol } of order) {
      word <<= BigInt(length - last);
      words[symbol] = word.toString(2).padStart(length, "0");
      word += 1n;
      last = length;
    }
    return words;
  }

  // All tuples of k symbols, in lexicographic order.
  function extension(weights, k) {
    let tuples = [1n];
    for (let i = 0; i < k; i++) tuples = tuples.flatMap((tuple) => weights.map((weight) => tuple * weight));
    return tuples;
  }

  const entropy = (p) => -sum(p.map((x) => (x > 0 ? x * Math.log2(x) : 0))) + 0;
  const crossEntropy = (p, q) => sum(p.map((x, i) => (x > 0 ? -x * Math.log2(q[i]) : 0)));
  const expectedLength = (p, lengths) => sum(p.map((x, i) => (x > 0 ? x * (lengths[i] || Infinity) : 0)));

  // What the page shows of p and q, for k readings in a codeword, in bits a reading.
  function compare(p, q, k = 1) {
    const [pk, qk] = [extension(p, k), extension(q, k)];
    const [pProbabilities, qProbabilities] = [probabilities(pk), probabilities(qk)];
    const own = huffmanLengths(pk), believed = huffmanLengths(qk);
    const h = entropy(pProbabilities) / k, cross = crossEntropy(pProbabilities, qProbabilities) / k;
    const ownLength = expectedLength(pProbabilities, own) / k, length = expectedLength(pProbabilities, believed) / k;
    return {
      own, believed, entropy: h, crossEntropy: cross, divergence: Math.max(0, cross - h), ownLength, length,
      extra: length - ownLength, rounding: length - cross - (ownLength - h),
      shannon: expectedLength(pProbabilities, shannonLengths(qk)) / k,
    };
  }

  // Numbers in [0, 1) by xorshift with the shifts 13, 17, 5 (G. Marsaglia, Xorshift RNGs, 2003).
  function randomNumbers(seed) {
    let state = Math.imul(seed, 0x9e3779b1) | 1;
    return () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    };
  }

  function draw(weights, count, random) {
    const p = probabilities(weights), last = p.reduce((at, x, i) => (x > 0 ? i : at), 0);
    return Array.from({ length: count }, () => {
      let left = random(), symbol = 0;
      while (symbol < last && (left >= p[symbol] || p[symbol] === 0)) left -= p[symbol++];
      return symbol;
    });
  }

  const encode = (symbols, words) => symbols.map((symbol) => words[symbol]).join("");

  // Symbols and the bits that each took.
  function decode(bits, words) {
    const symbolOf = new Map(words.map((word, symbol) => [word, symbol]).filter(([word]) => word));
    const symbols = [], taken = [];
    for (let start = 0, end = 1; end <= bits.length; end++) {
      const symbol = symbolOf.get(bits.slice(start, end));
      if (symbol === undefined) continue;
      symbols.push(symbol);
      taken.push(end - start);
      start = end;
    }
    return { symbols, taken };
  }

  // Draw, encode with both codes, decode, and count the bits of each reading; the error is that of 30 batch means.
  function measure(p, q, count, seed) {
    const { own, believed, extra } = compare(p, q), words = codewords(believed), ownWords = codewords(own);
    const sent = draw(p, count, randomNumbers(seed));
    if (sent.some((symbol) => !words[symbol])) return { sent, lost: sent.filter((symbol) => !words[symbol]).length };
    const bits = encode(sent, words), back = decode(bits, words), ownBack = decode(encode(sent, ownWords), ownWords);
    const equal = [back, ownBack].every(({ symbols }) => symbols.join() === sent.join());
    const extras = back.taken.map((taken, i) => taken - ownBack.taken[i]);
    const size = Math.floor(count / 30), mean = sum(extras) / count;
    const means = Array.from({ length: 30 }, (_, i) => sum(extras.slice(i * size, (i + 1) * size)) / size);
    const center = sum(means) / 30, variance = sum(means.map((x) => (x - center) ** 2)) / 29;
    const error = variance > 0 ? Math.sqrt(variance / 30) : null;
    return { sent, bits, taken: back.taken, equal, mean, error, z: error === null ? null : (mean - extra) / error };
  }

  return { probabilities, huffmanLengths, shannonLengths, codewords, extension, compare, draw, encode, decode, measure };
})();

// ------------------------------------------------------------------ the page

const page = (() => {
  const POSITIONS = 1000, MAX_TUPLES = 4096;
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (id) => document.getElementById(id);
  const state = { labels: [], p: [], q: [], top: { p: 1n, q: 1n }, seed: 1 };

  const figure = (x, digits = 4) =>
    x === null || x === undefined ? "–" : x === Infinity ? "∞" : Number.isNaN(x) ? "–"
      : x.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
  const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const colour = (symbol) => `c${symbol % 8}`;

  function choose(index) {
    const preset = data[index];
    state.labels = preset.labels;
    for (const which of ["p", "q"]) {
      const weights = preset[which].map(BigInt), most = weights.reduce((a, b) => (a > b ? a : b));
      const factor = most < 1000n ? 1000n : 1n; // so that a slider has fine steps
      state[which] = weights.map((weight) => weight * factor);
      state.top[which] = (most * factor * 5n) / 4n;
    }
    sliders();
    element("sent").innerHTML = "";
    update();
  }

  function sliders() {
    element("sliders").innerHTML = state.labels
      .map((label, i) => `<div class="level"><div class="pair">${["p", "q"].map((which) =>
        `<input type="range" class="${which}" min="0" max="${POSITIONS}" step="5" data-which="${which}" data-symbol="${i}"
          aria-orientation="vertical" aria-label="${which} of ${escaped(label)}"
          value="${Number((state[which][i] * BigInt(POSITIONS)) / state.top[which])}">`).join("")}</div>
        <b class="${colour(i)}">${escaped(label)}</b><output id="p${i}" class="p"></output><output id="q${i}" class="q"></output></div>`)
      .join("");
  }

  function drag(event) {
    const began = performance.now(), { which, symbol } = event.target.dataset;
    const before = state[which][symbol];
    state[which][symbol] = (BigInt(event.target.value) * state.top[which]) / BigInt(POSITIONS);
    if (state[which].every((weight) => weight === 0n)) state[which][symbol] = before || 1n; // something must happen
    update();
    page.dragTime = performance.now() - began;
  }

  function update() {
    const { labels, p, q } = state, found = codec.compare(p, q);
    const [pp, qq] = [codec.probabilities(p), codec.probabilities(q)];
    const [own, believed] = [codec.codewords(found.own), codec.codewords(found.believed)];
    labels.forEach((_, i) => {
      element(`p${i}`).textContent = figure(pp[i], 3);
      element(`q${i}`).textContent = figure(qq[i], 3);
      for (const [which, values] of [["p", pp], ["q", qq]]) {
        const slider = document.querySelector(`input.${which}[data-symbol="${i}"]`);
        slider.setAttribute("aria-valuetext", figure(values[i], 3));
      }
    });
    const numbers = {
      entropy: found.entropy, crossEntropy: found.crossEntropy, divergence: found.divergence, ownLength: found.ownLength,
      length: found.length, extra: found.extra, rounding: found.rounding, shannon: found.shannon,
    };
    for (const [id, value] of Object.entries(numbers)) element(id).textContent = figure(value);
    element("verdict").textContent = verdict(found);
    element("codewords").innerHTML = labels
      .map((label, i) => `<tr><th scope="row" class="${colour(i)}">${escaped(label)}</th><td>${figure(pp[i], 3)}</td>
        <td class="information">${figure(pp[i] > 0 ? -Math.log2(pp[i]) : Infinity, 2)}</td><td class="word p">${own[i] || "–"}</td>
        <td>${figure(qq[i], 3)}</td><td class="word q">${believed[i] || "–"}</td></tr>`)
      .join("");
    element("bars").innerHTML = bars(labels, pp, qq);
    element("tree-p").innerHTML = tree(labels, own, "p");
    element("tree-q").innerHTML = tree(labels, believed, "q");
    element("blocks").innerHTML = [1, 2, 3, 4]
      .map((k) => {
        if (labels.length ** k > MAX_TUPLES) return `<tr><th scope="row">${k}</th><td colspan="4">more than ${MAX_TUPLES} tuples</td></tr>`;
        const row = k === 1 ? found : codec.compare(p, q, k);
        return `<tr><th scope="row">${k}</th><td>${figure(row.ownLength)}</td><td>${figure(row.length)}</td>
          <td>${figure(row.extra)}</td><td>${figure(found.divergence)}</td></tr>`;
      })
      .join("");
  }

  function verdict({ extra, divergence, rounding }) {
    if (divergence === Infinity) return "q gives probability 0 to a reading that occurs: its code has no codeword for it.";
    return `KL predicts ${figure(divergence)} extra bits a reading. The code for q really costs ${figure(extra)}: ` +
      `the difference, ${figure(rounding)}, is the rounding of codewords to whole bits, q's minus p's.`;
  }

  const room = (most) => Math.min(most, Math.max(280, element("bars").clientWidth)); // so that text keeps its size

  function bars(labels, p, q) {
    const width = room(640), height = 180, most = Math.max(...p, ...q), step = (width - 40) / labels.length;
    const bar = (x, value, which) => {
      const size = (value / most) * (height - 40);
      return `<rect class="${which}" x="${x}" y="${height - 20 - size}" width="${step * 0.38}" height="${size}"/>`;
    };
    return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="p beside q">
      <text x="2" y="12">${figure(most, 2)}</text><text x="2" y="${height - 20}">0</text>${labels.map((label, i) => {
      const x = 40 + i * step;
      return `${bar(x + step * 0.1, p[i], "p")}${bar(x + step * 0.5, q[i], "q")}
        <text x="${x + step / 2}" y="${height - 4}" text-anchor="middle">${escaped(label.slice(0, Math.max(2, Math.floor(step / 8))))}</text>`;
    }).join("")}</svg>`;
  }

  // Each codeword is a path from the root: 0 goes up, 1 goes down; leaves stand in the order of their codewords.
  function tree(labels, words, which) {
    const leaves = words.map((word, i) => ({ word, label: labels[i], i })).filter(({ word }) => word);
    leaves.sort((a, b) => (a.word < b.word ? -1 : 1));
    const depth = Math.max(...leaves.map(({ word }) => word.length)), width = room(480), across = (width - 100) / (depth + 1), row = 22;
    const rows = new Map(); // prefix -> the rows of its leaves
    leaves.forEach(({ word }, i) => {
      for (let size = 0; size <= word.length; size++) rows.set(word.slice(0, size), [...(rows.get(word.slice(0, size)) || []), i]);
    });
    const x = (prefix) => 10 + prefix.length * across;
    const y = (prefix) => { const of = rows.get(prefix); return 14 + (row * (of[0] + of[of.length - 1])) / 2; };
    const edges = [...rows.keys()].filter((prefix) => prefix).map((prefix) => {
      const parent = prefix.slice(0, -1), middle = (x(parent) + x(prefix)) / 2;
      return `<path d="M${x(parent)} ${y(parent)}L${middle} ${y(prefix)}H${x(prefix)}"/>
        <text class="bit" x="${middle + 2}" y="${y(prefix) - 3}">${prefix.slice(-1)}</text>`;
    });
    const names = leaves.map(({ word, label, i }) =>
      `<text class="${colour(i)}" x="${x(word) + 5}" y="${y(word) + 4}">${escaped(label.slice(0, 12))}</text>`);
    return `<svg viewBox="0 0 ${width} ${row * leaves.length + 8}" role="img" aria-label="code tree of the code for ${which}">
      ${edges.join("")}${names.join("")}</svg>`;
  }

  function send() {
    const found = codec.measure(state.p, state.q, 1000, state.seed++), shown = 60;
    if (found.lost) {
      element("sent").innerHTML = `<p>${found.lost} of 1,000 readings have no codeword in the code for q: nothing can be sent.</p>`;
      return;
    }
    const { extra } = codec.compare(state.p, state.q), words = [];
    for (let i = 0, at = 0; i < shown; at += found.taken[i++]) {
      words.push(`<span class="sent ${colour(found.sent[i])}"><code>${found.bits.slice(at, at + found.taken[i])}</code><br>${escaped(state.labels[found.sent[i]])}</span>`);
    }
    element("sent").innerHTML = `<p>1,000 readings drawn from p, in ${found.bits.length.toLocaleString("en")} bits with the code for q; decoded,
      ${found.equal ? "they came back equal" : "they came back otherwise"}. Measured extra: <b>${figure(found.mean)}</b> ±
      ${figure(found.error)} bits a reading; expected: ${figure(extra)}; z = ${figure(found.z, 2)}.</p>
      <p>The first ${shown}:</p><div class="stream">${words.join("")}</div>`;
  }

  element("preset").innerHTML = data.map(({ name }, i) => `<option value="${i}">${escaped(name)}</option>`).join("");
  element("preset").addEventListener("change", (event) => choose(Number(event.target.value)));
  element("sliders").addEventListener("input", drag);
  element("send").addEventListener("click", send);
  window.addEventListener("resize", update);
  return { choose, state, dragTime: 0 };
})();
page.choose(0);
