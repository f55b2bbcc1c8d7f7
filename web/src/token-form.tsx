import { useState } from "preact/hooks";

import { ErrorMessage } from "./common.tsx";
import { token } from "./service.ts";
import { common } from "./texts.ts";

/** The form for the access token that a service requires. */
export function TokenForm({ error, onToken }: { error: string; onToken: () => void }) {
  const [value, setValue] = useState("");
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        token.set(value.trim());
        onToken();
      }}
    >
      <label>
        {common.tokenLabel}
        <input
          type="password"
          required
          autocomplete="off"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
      </label>
      <ErrorMessage>{error}</ErrorMessage>
      <button type="submit" class="primary">
        {common.continue}
      </button>
      <p class="muted">{common.tokenIsKept}</p>
    </form>
  );
}
