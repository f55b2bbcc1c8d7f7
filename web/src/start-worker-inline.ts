import ReductionWorker from "./reduction.worker.ts?worker&inline";

/** Start a worker whose script is part of the page. */
export default (): Worker => new ReductionWorker();
