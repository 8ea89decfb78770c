// SPDX-License-Identifier: MIT
import { pause } from './patience.js';
import { closeIntent, markSent } from './session.js';

const BACK_OFF_MS = [1000, 2000, 4000];

/**
 * Sends one intended withdrawal until the server answers it, always with the same key: without an answer nobody knows
 * whether the money is on its way, and only the key makes asking again harmless. Gives the withdrawal, throws the
 * refusal, or, when the attempts are used up, throws an error that is `inDoubt`; the key is then still kept.
 */
export async function submit(api, intent, { onTrouble, signal }) {
  const sent = markSent(intent);
  for (let attempt = 0; ; ++attempt) {
    try {
      const withdrawal = await api.withdraw(sent, signal);
      closeIntent();
      return withdrawal;
    } catch (error) {
      if (!error.inDoubt) {
        closeIntent();
        throw error;
      }
      if (signal.aborted || error.unauthorized || attempt === BACK_OFF_MS.length) throw error;
      onTrouble(error);
      await pause(BACK_OFF_MS[attempt], signal);
      if (signal.aborted) throw error;
    }
  }
}
