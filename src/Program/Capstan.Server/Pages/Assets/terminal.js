// A terminal in a container: xterm.js shows what comes over a WebSocket and sends what is typed.
"use strict";

(() => {
  const place = document.getElementById("terminal");
  const state = document.getElementById("terminal-state");
  if (!place || !window.Terminal) return;
  // The styles that the terminal makes for itself carry the page's word, by which its policy lets them in.
  const make = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = make(name, options);
    if (name.toLowerCase() === "style") element.nonce = place.dataset.nonce;
    return element;
  };
  const colour = (name) => {
    const probe = make("span");
    probe.style.color = `var(${name})`;
    place.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const terminal = new window.Terminal({
    cursorBlink: false, fontSize: 13, scrollback: 5000, screenReaderMode: false,
    theme: { background: colour("--surface"), foreground: colour("--text"), cursor: colour("--accent") },
  });
  const fit = new window.FitAddon.FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  fit.fit();
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type === "keydown" && event.ctrlKey && event.shiftKey && event.key.toLowerCase() === "m") { terminal.blur(); return false; }
    return true;
  });
  const address = new URL(place.dataset.socket, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, ["capstan.terminal", `guard.${document.body.dataset.guard}`]);
  socket.binaryType = "arraybuffer";
  const encoder = new TextEncoder();
  const size = () => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ cols: terminal.cols, rows: terminal.rows })); };
  socket.onopen = () => { state.textContent = "Connected"; size(); terminal.focus(); };
  socket.onmessage = (event) => terminal.write(new Uint8Array(event.data));
  socket.onclose = (event) => {
    state.textContent = `Ended: ${event.reason || "the terminal could not be opened, or the connection broke"}`;
    terminal.options.disableStdin = true;
  };
  terminal.onData((text) => { if (socket.readyState === WebSocket.OPEN) socket.send(encoder.encode(text)); });
  terminal.onResize(size);
  window.addEventListener("resize", () => fit.fit());
  window.addEventListener("pagehide", () => socket.close());
})();
