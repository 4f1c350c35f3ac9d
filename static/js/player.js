/* The player: a dock outside <main>, so that it plays on while pages change. The frame of
   youtube-nocookie.com is loaded when somebody presses play and not before. It speaks with the frame
   by messages, so that no script of YouTube's is loaded:
   https://developers.google.com/youtube/iframe_api_reference (commands, events and error codes). */
(function () {
  "use strict";

  const ORIGIN = "https://www.youtube-nocookie.com";
  const ENDED = 0;
  const PLAYING = 1;
  const EVENTS = ["onReady", "onStateChange", "onError", "onAutoplayBlocked"];
  const HEARD_MILLISECONDS = 30_000;
  const SILENT_MILLISECONDS = 15_000;
  const READ_MILLISECONDS = 4_000;
  const OF_THE_VIDEO = [100, 101, 150];
  const REASONS = {
    2: "YouTube does not know this video",
    5: "this browser cannot play it",
    100: "it has been removed from YouTube",
    101: "its owner only allows it on YouTube",
    150: "its owner only allows it on YouTube",
    153: "YouTube was not told which page is asking",
  };

  const part = (name) => document.getElementById(name);
  const dock = part("dock");
  const screen = part("dock-screen");
  const message = part("dock-message");

  let queue = []; // {song, video, title, artist, take, url, page, lang}
  let place = 0;
  let source = ""; // the address of the page that the queue was read from
  let frame = null;
  let isReady = false;
  let state = null; // the last that the frame told, or null
  let isPausedByHiding = false;
  let heard = 0; // milliseconds of this song
  let playsSince = 0; // since when it plays, or 0
  let isRecorded = true;
  let timer = 0;
  let hello = 0;
  let opinionTurn = 0;

  const current = () => queue[place];
  const links = () => [...document.querySelectorAll("#main [data-play]")];

  function readSong(link) {
    const data = link.dataset;
    return {
      song: data.song,
      video: data.play,
      title: data.title,
      artist: data.artist,
      take: data.take || "",
      page: data.page,
      lang: data.lang,
      url: link.href,
    };
  }

  /* --- The frame ------------------------------------------------------------------------------ */

  function tell(data) {
    frame?.contentWindow?.postMessage(JSON.stringify({ id: "tunetrace", ...data }), ORIGIN);
  }

  function command(func, ...args) {
    tell({ event: "command", func, args });
  }

  function buildFrame(video) {
    const settings = new URLSearchParams({
      autoplay: 1,
      enablejsapi: 1,
      origin: location.origin,
      playsinline: 1,
      rel: 0,
    });
    frame = part("player-template").content.cloneNode(true).firstElementChild;
    frame.src = `${ORIGIN}/embed/${encodeURIComponent(video)}?${settings}`;
    frame.addEventListener("load", greet);
    screen.replaceChildren(frame);
  }

  /* The frame answers with its events once it has been told that somebody listens. */
  function greet() {
    clearInterval(hello);
    const say = () => tell({ event: "listening", channel: "widget" });
    hello = setInterval(say, 500);
    say();
  }

  function load(video) {
    state = null;
    if (frame && isReady) command("loadVideoById", video);
    else buildFrame(video);
    frame.title = `YouTube: ${current().title}`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (state === null) stayWith("YouTube’s player is not responding.");
    }, SILENT_MILLISECONDS);
  }

  function removeFrame() {
    clearInterval(hello);
    clearTimeout(timer);
    frame?.remove();
    frame = null;
    isReady = false;
  }

  /* --- What was heard ------------------------------------------------------------------------- */

  function send(address, fields) {
    const data = new FormData(part("playback"));
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    return fetch(address, { method: "POST", body: data, keepalive: true });
  }

  function countTime() {
    if (playsSince) heard += Date.now() - playsSince;
    playsSince = state === PLAYING ? Date.now() : 0;
  }

  function recordHeard() {
    countTime();
    if (isRecorded || !heard) return;
    isRecorded = true;
    const kind = heard >= HEARD_MILLISECONDS ? "play" : "skip";
    send(part("playback").action, { song: current().song, kind }).catch(() => {});
  }

  /* --- The dock ------------------------------------------------------------------------------- */

  function say(text, link) {
    message.hidden = !text;
    message.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.target = "_blank";
    anchor.rel = "noopener";
    anchor.textContent = link.text;
    message.append(" ", anchor);
  }

  function write(element, text, lang) {
    element.textContent = text;
    element.lang = lang || "";
    if (!lang) element.removeAttribute("lang");
  }

  function showTake({ take }) {
    part("dock-take").textContent = take;
    part("dock-take").hidden = !take;
  }

  function showQueue() {
    part("dock-place").textContent = `${place + 1} of ${queue.length}`;
    part("dock-list").replaceChildren(
      ...queue.map((entry, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dir = "auto";
        write(button, entry.artist ? `${entry.title} – ${entry.artist}` : entry.title, entry.lang);
        if (index === place) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => open(index));
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
  }

  function showSong() {
    const entry = current();
    dock.hidden = false;
    part("skip-to-player").hidden = false;
    write(part("dock-title"), entry.title, entry.lang);
    part("dock-title").href = entry.page;
    write(part("dock-artist"), entry.artist, entry.lang);
    showTake(entry);
    part("dock-previous").disabled = place === 0;
    part("dock-next").disabled = place === queue.length - 1;
    const heard = [entry.title, entry.artist, entry.take].filter(Boolean).join(", ");
    part("dock-announcer").textContent = `Now playing: ${heard}`;
    showQueue();
    part("dock-opinion").replaceChildren();
    showOpinion();
  }

  /* Only the latest answer counts: an earlier one may be of another song, or of before a like. */
  async function showOpinion() {
    const turn = ++opinionTurn;
    const asked = new URLSearchParams({ place: "dock", song: current().song });
    const headers = { "HX-Request": "true" };
    try {
      const answer = await fetch(`${dock.dataset.opinionAddress}?${asked}`, { headers });
      const text = answer.ok ? await answer.text() : "";
      if (text && turn === opinionTurn)
        window.htmx.swap("#dock-opinion", text, { swapStyle: "outerHTML" });
    } catch {
      /* It plays all the same; the card has the same buttons. */
    }
  }

  /* The buttons of the page say what the player does. */
  function mark() {
    for (const link of links()) {
      const isCurrent = !dock.hidden && link.dataset.song === current()?.song;
      link.closest(".card, .song-head, .rows > li")?.classList.toggle("is-playing", isCurrent);
      const label = isCurrent ? (state === PLAYING ? "Pause" : "Resume") : "Play";
      link.querySelector("[data-label]").textContent = label;
      link.dataset.state = label === "Pause" ? "playing" : "paused";
    }
    part("dock-toggle-label").textContent = state === PLAYING ? "Pause" : "Play";
    part("dock-toggle").dataset.state = state === PLAYING ? "playing" : "paused";
    const isUseful = new Set(links().map((link) => link.dataset.song)).size > 1;
    document.querySelectorAll(".play-all").forEach((box) => (box.hidden = !isUseful));
  }

  /* --- Going on ------------------------------------------------------------------------------- */

  function open(index) {
    if (dock.hidden === false) recordHeard();
    place = index;
    heard = 0;
    playsSince = 0;
    isRecorded = false;
    say("");
    load(current().video);
    showSong();
    mark();
  }

  function start(list, link) {
    const songs = new Set();
    queue = list.map(readSong).filter((entry) => !songs.has(entry.song) && songs.add(entry.song));
    source = location.pathname;
    open(Math.max(0, queue.findIndex((entry) => entry.song === link.dataset.song)));
  }

  function step(by) {
    if (dock.hidden || !queue[place + by]) return false;
    open(place + by);
    return true;
  }

  function goOn() {
    if (!step(1)) say("That was the last song in the list.");
  }

  function toggle() {
    command(state === PLAYING ? "pauseVideo" : "playVideo");
  }

  function close() {
    recordHeard();
    const { song } = current();
    removeFrame();
    state = null;
    dock.hidden = true;
    part("skip-to-player").hidden = true;
    mark();
    const link = links().find((element) => element.dataset.song === song);
    (link || part("main")).focus();
  }

  /* --- When it does not play ------------------------------------------------------------------- */

  function stayWith(reason) {
    say(reason, { url: current().url, text: "Watch it on YouTube" });
  }

  function skipAfterReading() {
    const skipped = current();
    timer = setTimeout(() => {
      if (!dock.hidden && current() === skipped) goOn();
    }, READ_MILLISECONDS);
  }

  function handleError(code) {
    const failed = current();
    clearTimeout(timer);
    recordHeard();
    isRecorded = true;
    const reason = REASONS[code] || `YouTube answered with error ${code}`;
    removeFrame();
    stayWith(`“${failed.title}” cannot be played here: ${reason}.`);
    if (OF_THE_VIDEO.includes(code)) return report(failed, code, reason);
    // Told no page, YouTube refuses every video alike.
    if (code !== 153) skipAfterReading();
    return undefined;
  }

  /* The answer names the song's next take, or a search where there is none. */
  async function report(failed, code, reason) {
    let answer = {};
    try {
      const { song, video } = failed;
      const response = await send(dock.dataset.troubleAddress, { song, video, code });
      if (response.ok) answer = await response.json();
    } catch {
      /* Nobody could be told: the next song plays all the same. */
    }
    failed.url = answer.url || failed.url;
    if (current() !== failed || dock.hidden) return;
    if (!answer.video) {
      say(`“${failed.title}” cannot be played here: ${reason}.`, {
        url: failed.url,
        text: "Find it on YouTube",
      });
      skipAfterReading();
      return;
    }
    failed.video = answer.video;
    failed.take = answer.take;
    showTake(failed);
    isRecorded = false;
    heard = 0;
    load(failed.video);
    say("That video cannot be played here. This is another one of the same song.");
  }

  function handleState(told) {
    // The end is told twice: the second time, the next song is being loaded.
    if (told === state || (told === ENDED && state === null)) return;
    state = told;
    countTime();
    mark();
    if (state === PLAYING) {
      clearTimeout(timer);
      isPausedByHiding = false;
    }
    if (state === ENDED) {
      recordHeard();
      goOn();
    }
  }

  function handleReady() {
    clearInterval(hello);
    if (isReady) return;
    isReady = true;
    for (const name of EVENTS) command("addEventListener", name);
  }

  function handleMessage(told) {
    handleReady();
    if (told.event === "onError") handleError(Number(told.info));
    else if (told.event === "onAutoplayBlocked")
      say("Press play in the video: your browser did not start it by itself.");
    else if (told.event === "onStateChange") handleState(Number(told.info));
    else if (told.event === "infoDelivery" && Number.isInteger(told.info?.playerState))
      handleState(told.info.playerState);
  }

  window.addEventListener("message", (event) => {
    if (!frame || event.origin !== ORIGIN || event.source !== frame.contentWindow) return;
    try {
      handleMessage(JSON.parse(event.data));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  });

  /* --- What is pressed ------------------------------------------------------------------------- */

  function press(link) {
    if (!dock.hidden && current()?.song === link.dataset.song && frame) toggle();
    else start(links(), link);
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = event.target.closest("[data-play-all]");
    const link = all ? links()[0] : event.target.closest("[data-play]");
    if (!link) return;
    event.preventDefault();
    if (all) start(links(), link);
    else press(link);
  });

  part("dock-previous").addEventListener("click", () => step(-1));
  part("dock-next").addEventListener("click", () => step(1));
  part("dock-toggle").addEventListener("click", toggle);
  part("dock-close").addEventListener("click", close);

  function renewButtons(song) {
    document
      .querySelectorAll(`#main .actions[data-song="${CSS.escape(song)}"]`)
      .forEach((actions) => window.htmx.trigger(actions, "opinion"));
  }

  /* What is said in one tab shows in the others. */
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("tunetrace") : null;
  if (tabs)
    tabs.onmessage = ({ data }) => {
      renewButtons(data);
      if (!dock.hidden && current()?.song === data) showOpinion();
    };

  /* An opinion said in one place shows in the other; who does not want to hear a song is spared it. */
  document.addEventListener("htmx:afterRequest", (event) => {
    // Not event.detail.elt: the form that asked has been exchanged by now.
    const { opinion, song } = event.detail.requestConfig.elt.dataset;
    if (!opinion || !event.detail.successful) return;
    tabs?.postMessage(song);
    if (event.detail.target.id === "dock-opinion") renewButtons(song);
    else if (!dock.hidden && current()?.song === song) showOpinion();
    if (opinion === "dismiss" && !dock.hidden && current()?.song === song && !step(1)) close();
  });

  /* Songs that a list got since join the queue that was read from it. */
  function addNewSongs() {
    if (dock.hidden || location.pathname !== source) return;
    const known = new Set(queue.map((entry) => entry.song));
    const added = links().filter((link) => !known.has(link.dataset.song));
    if (!added.length) return;
    queue.push(...added.map(readSong));
    part("dock-next").disabled = place === queue.length - 1;
    showQueue();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.elt.matches("[data-grows]")) addNewSongs();
    mark();
  });
  document.addEventListener("htmx:historyRestore", mark);

  /* YouTube wants nothing to play that nobody can see. */
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && state === PLAYING) {
      isPausedByHiding = true;
      command("pauseVideo");
    } else if (!document.hidden && isPausedByHiding) {
      isPausedByHiding = false;
      command("playVideo");
    }
  });

  window.addEventListener("pagehide", () => !dock.hidden && recordHeard());
  mark();
})();
