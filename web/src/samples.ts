// The service's sample pictures, each of which is loaded once.

import { createPicture, type Picture } from "./pictures.ts";
import { fetchSamples, request, type Sample } from "./service.ts";

/** Identifies the album of all samples. */
export const SAMPLES = "samples";

const pictures = new Map<string, Promise<Picture>>();
let list: Promise<Sample[]> | undefined;

/** Return the samples; after an error, the next call tries again. */
export function loadSamples(): Promise<Sample[]> {
  list ??= fetchSamples().catch((error: unknown) => {
    list = undefined;
    throw error;
  });
  return list;
}

/** Return the part of a sample's address that names it: `cat` for `cat.jpg`. */
export const sampleId = (sample: Sample): string => sample.name.replace(/\.\w+$/, "");

/** Return the sample that an address names, or undefined. */
export const findSample = (samples: Sample[], id: string): Sample | undefined =>
  samples.find((sample) => sampleId(sample) === id || sample.name === id);

export function loadSamplePicture(sample: Sample): Promise<Picture> {
  let picture = pictures.get(sample.name);
  if (!picture) {
    picture = fetchPicture(sample);
    picture.catch(() => pictures.delete(sample.name));
    pictures.set(sample.name, picture);
  }
  return picture;
}

const thumbnails = new Map<string, Promise<string>>();

/** Return an object URL of a sample's thumbnail, which is kept. */
export function thumbnailUrl(sample: Sample): Promise<string> {
  let url = thumbnails.get(sample.name);
  if (!url) {
    url = request(sample.thumbnail).then(async (response) => URL.createObjectURL(await response.blob()));
    url.catch(() => thumbnails.delete(sample.name));
    thumbnails.set(sample.name, url);
  }
  return url;
}

async function fetchPicture(sample: Sample): Promise<Picture> {
  const file = await (await request(sample.url)).blob();
  return createPicture(sample.title, file, `${sample.credit}, ${sample.license}`, sampleId(sample));
}
