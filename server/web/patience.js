// SPDX-License-Identifier: MIT
// Waiting: for a while, for the network, for the user to come back, and asking again.

/** Ends after `ms`, or at once when the network returns or the view is left. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}

/**
 * Loads again and again. `apply(data)` says after how many milliseconds, or null to stop; `onTrouble(error)` likewise.
 * Coming back to the page (from WeChat, from the other tab) asks at once.
 */
export function poll({ load, apply, onTrouble, signal }) {
  let timer = null;
  let running = false;
  let again = false;

  const next = (delay) => {
    clearTimeout(timer);
    timer = delay === null || signal.aborted ? null : setTimeout(run, again ? 0 : delay);
    again = false;
  };
  const run = async () => {
    if (signal.aborted) return;
    running = true;
    let delay;
    try {
      const data = await load(signal);
      delay = signal.aborted ? null : apply(data);
    } catch (error) {
      delay = signal.aborted || error.unauthorized ? null : onTrouble(error);
    }
    running = false;
    next(delay);
  };
  const soon = () => {
    // Only while something is awaited: a stopped poll stays stopped.
    if (running) again = true;
    else if (timer !== null) next(0);
  };
  const seen = () => document.visibilityState === 'visible' && soon();

  document.addEventListener('visibilitychange', seen, { signal });
  addEventListener('focus', soon, { signal });
  addEventListener('pageshow', soon, { signal });
  addEventListener('online', soon, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  run();
  return { soon };
}
