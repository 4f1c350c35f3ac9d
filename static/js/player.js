/* Plays a video in the page, when asked: the frame of youtube-nocookie.com is loaded on the click
   and not before. It speaks with the frame by messages, so that no script of YouTube's is loaded:
   https://developers.google.com/youtube/iframe_api_reference (events and error codes). */
(function () {
  "use strict";

  const ORIGIN = "https://www.youtube-nocookie.com";
  const ENDED = 0;
  const PLAYING = 1;
  const HEARD_SECONDS = 30;
  const REASONS = {
    2: "YouTube does not know this video",
    5: "this browser cannot play it",
    100: "it is gone from YouTube",
    101: "its owner allows it on YouTube only",
    150: "its owner allows it on YouTube only",
    153: "YouTube was not told which page asks for it",
  };

  let current = null; // {button, box, frame, listening, startedAt, isRecorded}
  let playsOn = false;

  function buttons() {
    return [...document.querySelectorAll("[data-play]")];
  }

  function post(kind) {
    const form = document.getElementById("playback");
    const data = new FormData(form);
    data.set("song", current.button.dataset.play);
    data.set("kind", kind);
    fetch(form.action, { method: "POST", body: data, keepalive: true }).catch(() => {});
  }

  function recordHeard() {
    if (current.isRecorded || !current.startedAt) return;
    const seconds = (Date.now() - current.startedAt) / 1000;
    current.isRecorded = true;
    post(seconds >= HEARD_SECONDS ? "play" : "skip");
  }

  function stop() {
    if (!current) return;
    recordHeard();
    clearInterval(current.listening);
    current.box.closest(".is-playing")?.classList.remove("is-playing");
    current.box.remove();
    current = null;
  }

  function build(button) {
    const box = document.getElementById("player-template").content.cloneNode(true).firstElementChild;
    const frame = box.querySelector("iframe");
    const settings = new URLSearchParams({
      autoplay: 1,
      enablejsapi: 1,
      origin: location.origin,
      playsinline: 1,
      rel: 0,
    });
    frame.title = `YouTube: ${button.dataset.playTitle}`;
    frame.src = `${ORIGIN}/embed/${encodeURIComponent(button.dataset.play)}?${settings}`;
    return { box, frame };
  }

  function play(button) {
    stop();
    const host = button.closest(".card, .song-head");
    const { box, frame } = build(button);
    current = { button, box, frame, startedAt: 0, isRecorded: false };
    host.classList.add("is-playing");
    host.append(box);
    box.scrollIntoView({ block: "center" });
    frame.focus();
    frame.addEventListener("load", listen);
  }

  /* The frame answers with its events once it has been told that somebody listens. */
  function listen() {
    const frame = current.frame;
    const hello = () =>
      frame.contentWindow?.postMessage(
        JSON.stringify({ event: "listening", id: "tunetrace", channel: "widget" }),
        ORIGIN,
      );
    hello();
    current.listening = setInterval(hello, 500);
  }

  function say(text) {
    const message = current.box.querySelector(".player-message");
    message.hidden = false;
    message.textContent = text;
  }

  function playNext() {
    const all = buttons();
    const next = all[all.indexOf(current.button) + 1];
    if (next) play(next);
    else playsOn = false;
  }

  function handleError(code) {
    clearInterval(current.listening);
    current.startedAt = 0;
    const reason = REASONS[code] || `YouTube answered with error ${code}`;
    say(`“${current.button.dataset.playTitle}” cannot be played here: ${reason}.`);
    const link = document.createElement("a");
    link.href = current.button.href;
    link.textContent = " Watch it on YouTube";
    current.box.querySelector(".player-message").append(link);
    current.frame.remove();
    if (playsOn) setTimeout(playNext, 4000);
  }

  function handleState(state) {
    if (state === PLAYING && !current.startedAt) current.startedAt = Date.now();
    if (state !== ENDED) return;
    recordHeard();
    if (playsOn) playNext();
  }

  window.addEventListener("message", (event) => {
    if (!current || event.origin !== ORIGIN || event.source !== current.frame.contentWindow) return;
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    clearInterval(current.listening);
    if (message.event === "onError") handleError(Number(message.info));
    else if (message.event === "onStateChange") handleState(Number(message.info));
    else if (message.event === "infoDelivery" && message.info?.playerState !== undefined)
      handleState(Number(message.info.playerState));
  });

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = event.target.closest("[data-play-all]");
    const button = all ? buttons()[0] : event.target.closest("[data-play]");
    if (!button) return;
    event.preventDefault();
    playsOn = Boolean(all);
    play(button);
  });

  function offerPlayAll() {
    const isUseful = buttons().length > 1;
    document.querySelectorAll(".play-all").forEach((box) => (box.hidden = !isUseful));
  }

  window.addEventListener("pagehide", () => current && recordHeard());
  document.addEventListener("htmx:afterSettle", offerPlayAll);
  document.addEventListener("DOMContentLoaded", offerPlayAll);
  if (document.readyState !== "loading") offerPlayAll();
})();
