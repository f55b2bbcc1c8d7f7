import { ErrorMessage } from "./common.tsx";
import { common } from "./texts.ts";

/** An error message with a button that tries again; nothing if there is no error. */
export function RetryableError({ error, onRetry }: { error: string; onRetry: () => void }) {
  if (!error) return null;
  return (
    <div class="retryable">
      <ErrorMessage>{error}</ErrorMessage>
      <button type="button" onClick={onRetry}>
        {common.retry}
      </button>
    </div>
  );
}
