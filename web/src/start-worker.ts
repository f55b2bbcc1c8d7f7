import ReductionWorker from "./reduction.worker.ts?worker";

/** Start a worker whose script is a file beside the page. */
export default (): Worker => new ReductionWorker();
