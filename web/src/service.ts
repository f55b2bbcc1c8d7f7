// What the service knows and answers, and how it is asked.

export interface Mood {
  mood: string;
  valence: number | null;
  arousal: number | null;
  positive: boolean | null;
}

export interface Labels {
  model: { name: string; hash: string };
  moods: Mood[];
  tags: string[];
  limits: { max_bytes: number; max_pixels: number; max_images: number };
}

export interface Sample {
  name: string;
  title: string;
  credit: string;
  license: string;
  url: string;
  thumbnail: string;
}

export interface Affect {
  valence: number;
  arousal: number;
  positive: number;
  negative: number;
}

export interface Told {
  image: string;
  moods: Record<string, number>;
  affect: Affect | null;
  tags: Record<string, number>;
  explanation?: { mood: string; drops: Record<string, number>; map: string | null };
}

export interface Failed {
  image: string;
  error: { title: string; status: number; detail: string };
}

export interface Question {
  tags?: number;
  explain?: "tags" | "map" | "all";
  mood?: string | undefined;
  without?: Iterable<string>;
}

export class ServiceError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

const TOKEN = "imagemood-token";
const BUSY_RETRIES = 4;

export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? "",
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
};

const here = new URL(".", location.href);

async function answerOf(url: URL, options: RequestInit, borne: string): Promise<Response> {
  const headers = new Headers(options.headers);
  if (borne) headers.set("Authorization", `Bearer ${borne}`);
  let answer: Response;
  try {
    answer = await fetch(url, { ...options, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServiceError(0, `${url.origin} does not answer. Is the service running, and may this page use it?`);
  }
  if (answer.ok) return answer;
  const detail = await answer.text().then(
    (text) => {
      try {
        return String((JSON.parse(text) as { detail?: unknown }).detail ?? text);
      } catch {
        return text;
      }
    },
    () => "",
  );
  const message = detail.slice(0, 300) || `The service answers ${answer.status} ${answer.statusText}`;
  throw new ServiceError(answer.status, message, Number(answer.headers.get("Retry-After")) || 0);
}

/** Ask this page's own service; a full queue is asked again after the time that it names. */
export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await answerOf(new URL(path.replace(/^\//, ""), here), options, token.get());
    } catch (error) {
      const isBusy = error instanceof ServiceError && error.status === 503 && attempt < BUSY_RETRIES;
      if (!isBusy) throw error;
      await new Promise((resume) => setTimeout(resume, 1000 * Math.max(error.retryAfter, 0.5)));
    }
  }
}

/** Ask any service. Our token goes only to the service that this page came from. */
export function askElsewhere(url: URL, options: RequestInit): Promise<Response> {
  return answerOf(url, options, url.origin === here.origin ? token.get() : "");
}

export const labels = async (): Promise<Labels> => (await ask("v1/labels")).json() as Promise<Labels>;
export const samples = async (): Promise<Sample[]> => (await ask("v1/samples")).json() as Promise<Sample[]>;

function query({ tags, explain, mood, without }: Question): string {
  const fields = new URLSearchParams();
  if (tags) fields.set("tags", String(tags));
  if (explain) fields.set("explain", explain);
  if (mood) fields.set("mood", mood);
  for (const tag of without ?? []) fields.append("without", tag);
  return fields.size ? `?${fields}` : "";
}

export async function tell(picture: Blob, question: Question = {}, signal?: AbortSignal): Promise<Told> {
  const options: RequestInit = {
    method: "POST",
    body: picture,
    headers: { "Content-Type": picture.type.startsWith("image/") ? picture.type : "application/octet-stream" },
  };
  if (signal) options.signal = signal;
  const answer = await ask(`v1/moods${query(question)}`, options);
  const [told] = ((await answer.json()) as { results: [Told] }).results;
  return told;
}

export async function tellMany(pictures: Blob[], signal: AbortSignal): Promise<(Told | Failed)[]> {
  const form = new FormData();
  pictures.forEach((picture, i) => form.append("image", picture, String(i)));
  try {
    const answer = await ask("v1/moods", { method: "POST", body: form, signal });
    return ((await answer.json()) as { results: (Told | Failed)[] }).results;
  } catch (error) {
    // A request of one picture that cannot be used fails as a whole.
    const isPictures = error instanceof ServiceError && [413, 422].includes(error.status) && pictures.length === 1;
    if (!isPictures) throw error;
    return [{ image: "0", error: { title: "", status: error.status, detail: error.message } }];
  }
}

export const isFailed = (answer: Told | Failed): answer is Failed => "error" in answer;

export const said = (error: unknown): string =>
  error instanceof Error ? error.message : "Something went wrong; reload the page and try again.";
