// Shows the OpenAPI document with Swagger UI, and the examples of requests in it, which Swagger UI does not show.

"use strict";

const EXAMPLE_ADDRESS = "http://127.0.0.1:8887";
const address = new URL(".", location.href).href.replace(/\/$/, "");

function codeSamplesPlugin(system) {
  const { createElement, useId, useState } = system.React;

  function CodeSamples({ samples }) {
    const [selected, select] = useState(0);
    const id = useId();
    const tabs = samples.map(({ label }, i) =>
      createElement(
        "button",
        { key: label, type: "button", role: "tab", "aria-selected": i === selected, "aria-controls": id, onClick: () => select(i) },
        label,
      ),
    );
    const source = samples[selected].source.replaceAll(EXAMPLE_ADDRESS, address);
    return createElement(
      "div",
      { className: "code-samples" },
      createElement("div", { className: "opblock-section-header" }, createElement("h4", null, "Examples")),
      createElement("div", { role: "tablist", "aria-label": "Language of the example" }, tabs),
      createElement("pre", { id, role: "tabpanel", tabIndex: 0 }, createElement("code", null, source)),
    );
  }

  return {
    wrapComponents: {
      responses: (Responses) => (props) => {
        const samples = system.specSelectors.specJson().getIn(["paths", props.path, props.method, "x-codeSamples"]);
        const before = samples && createElement(CodeSamples, { samples: samples.toJS() });
        return createElement("div", null, before, createElement(Responses, props));
      },
    },
  };
}

SwaggerUIBundle({
  dom_id: "#api",
  url: "openapi.json",
  plugins: [codeSamplesPlugin],
  validatorUrl: null, // asks another host
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
