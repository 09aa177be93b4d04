/* 验证 proof of work on the sign-in page: finds the number that the server asks for, in small steps
   so that typing stays smooth. Without script, waiting serves instead. */
(() => {
  "use strict";
  const box = document.getElementById("sc-proof");
  if (!box) return;
  const form = document.getElementById("sc-login");
  const said = document.querySelector("#sc-proof-said span");
  const bits = Number(box.dataset.bits);
  const ticket = form.elements.proof_ticket.value;
  const STEP = 4000;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const K = primes.map((p) => fraction(Math.cbrt(p)));
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const w = new Int32Array(64);

  /* SHA-256 of ASCII text; only the first word is needed for up to 32 zero bits. */
  const first = (text) => {
    const size = text.length, blocks = ((size + 8) >> 6) + 1;
    const state = START.slice();
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < 16; i++) {
        let word = 0;
        for (let j = 0; j < 4; j++) {
          const at = block * 64 + i * 4 + j;
          word = (word << 8) | (at < size ? text.charCodeAt(at) : at === size ? 0x80 : 0);
        }
        w[i] = word;
      }
      if (block === blocks - 1) w[15] = size * 8;
      for (let i = 16; i < 64; i++) {
        const a = w[i - 15], b = w[i - 2];
        w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) | 0; });
    }
    return state[0] >>> 0;
  };

  let number = 0, wanted = false, found = false;
  const search = () => {
    for (const end = number + STEP; number < end; number++) {
      if (first(`${ticket}:${number}`) >>> (32 - bits) === 0) {
        found = true;
        form.elements.proof.value = String(number);
        said.textContent = "验证已完成，可以登录。";
        if (wanted) form.requestSubmit();
        return;
      }
    }
    setTimeout(search);
  };
  said.textContent = "正在验证，稍候即可登录。";
  form.addEventListener("submit", (event) => {
    if (found) return;
    event.preventDefault();
    wanted = true;
  });
  search();
})();
