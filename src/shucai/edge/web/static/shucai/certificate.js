/* 证书登录 signing the challenge in the browser with a key file: ECDSA P-256 or RSA, by WebCrypto.
   The key never leaves the browser. SM2 is not among the browser's algorithms: tools sign it. */
(() => {
  "use strict";
  const form = document.getElementById("sc-certificate");
  const part = document.getElementById("sc-key");
  const said = document.getElementById("sc-key-said");
  const line = document.getElementById("sc-line");
  if (!window.isSecureContext || !window.crypto.subtle) {
    line.open = true;
    return;
  }
  part.hidden = false;
  const NAMES = { "ecdsa-sha256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }, "rsa-sha256": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const lined = (raw) => btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const tell = (text) => { said.textContent = text; };

  /* WebCrypto gives r and s side by side; certificates' world wants them as DER. */
  const number = (raw) => {
    let start = 0;
    while (start < raw.length - 1 && raw[start] === 0) start++;
    const plain = [...raw.slice(start)];
    if (plain[0] & 0x80) plain.unshift(0);
    return [2, plain.length, ...plain];
  };
  const asDer = (raw) => {
    const body = [...number(raw.slice(0, 32)), ...number(raw.slice(32))];
    return Uint8Array.from([0x30, body.length, ...body]);
  };

  const unsealed = async (file, pin) => {
    const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes(file.kdf.salt), iterations: file.kdf.rounds }, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(file.cipher.nonce) }, key, bytes(file.cipher.sealed));
  };

  const sign = async () => {
    const chosen = document.getElementById("sc-key-file").files[0];
    if (!chosen) return tell("请先选择密钥文件。");
    let file;
    try {
      file = JSON.parse(await chosen.text());
      if (file.format !== "shucai-key-1") throw new Error("format");
    } catch {
      return tell("所选的不是软密钥文件，请重新选择。");
    }
    const algorithm = NAMES[file.algorithm];
    if (!algorithm) {
      line.open = true;
      return tell("浏览器不支持 SM2，请用下方的签名工具。");
    }
    tell("正在签名。");
    let secret;
    try {
      secret = await unsealed(file, document.getElementById("sc-key-pin").value);
    } catch {
      return tell("PIN 不正确，请重新输入。");
    }
    const key = await crypto.subtle.importKey("pkcs8", secret, algorithm, false, ["sign"]);
    const raw = new Uint8Array(await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(form.elements.challenge.value)));
    const signature = algorithm.name === "ECDSA" ? asDer(raw) : raw;
    form.elements.answer.value = `${lined(bytes(file.certificate))}.${lined(signature)}`;
    return form.requestSubmit(document.getElementById("sc-line-send"));
  };
  document.getElementById("sc-key-sign").addEventListener("click", sign);
  document.getElementById("sc-key-pin").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    sign();
  });
})();
