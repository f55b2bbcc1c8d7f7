// Every text that the page displays, by view. To translate the page, translate this module.

/** The texts of the header, of messages and of parts that several views use. */
export const common = {
  skipToContent: "Skip to content",
};

/** The start view: choosing pictures, and the samples. */
export const start = {};

/** The view of many pictures: tiles, filters, progress, summary and export. */
export const album = {};

/** The view of one picture: moods, tags, explanation, and what-if questions. */
export const picture = {};

/** The comparison of two pictures. */
export const comparison = {};

/** The views of the webcam and of videos. */
export const video = {};

/** The view for developers. */
export const developers = {};
