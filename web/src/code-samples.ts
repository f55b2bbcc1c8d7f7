// Commands of curl and programs in Python that send the same requests as the page.

/** A request whose body is a file, or is made from one. */
export interface SampleRequest {
  url: string;
  mediaType: string;
  file: string;
  needsToken: boolean;
}

const shellString = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Return a string literal; the escape sequences of JSON are also those of Python. */
const pythonString = (text: string): string => JSON.stringify(text);

function curl({ url, mediaType, needsToken }: SampleRequest, body: string, output = ""): string {
  const token = needsToken ? ` -H "Authorization: Bearer $TOKEN"` : "";
  return `curl${token} -H ${shellString(`Content-Type: ${mediaType}`)} \\\n  --data-binary ${body} ${shellString(url)}${output}`;
}

/** Return the statements that create `request` in Python, given the expression of its body. */
function pythonRequest({ url, mediaType, needsToken }: SampleRequest, body: string): string {
  const token = needsToken ? `, "Authorization": f"Bearer {os.environ['TOKEN']}"` : "";
  return [
    "request = urllib.request.Request(",
    `    ${pythonString(url)},`,
    `    data=${body},`,
    `    headers={"Content-Type": ${pythonString(mediaType)}${token}},`,
    ")",
  ].join("\n");
}

const imports = (names: string[], needsToken: boolean): string =>
  `import ${[...names, ...(needsToken ? ["os"] : []), "urllib.request"].sort().join(", ")}`;

const readFile = (name: string, file: string): string =>
  `with open(${pythonString(file)}, "rb") as file:\n    ${name} = file.read()`;

/** A picture as the body, and moods in JSON as the response. */
export const jsonSamples = (request: SampleRequest) => ({
  curl: curl(request, shellString(`@${request.file}`)),
  python: `${imports(["json"], request.needsToken)}

${readFile("picture", request.file)}
${pythonRequest(request, "picture")}
with urllib.request.urlopen(request) as response:
    result = json.load(response)["results"][0]
for mood, probability in result["moods"].items():
    print(mood, probability)
`,
});

/** A message as the body, which is in a file that the page can save, and rows of a message as the response. */
export const protobufSamples = (request: SampleRequest, output: string) => ({
  curl: curl(request, shellString(`@${request.file}`), ` \\\n  --output ${shellString(output)}`),
  python: `${imports([], request.needsToken)}

from imagemood.tables.messages_pb2 import ImageTagSet  # or compile imagemood.proto with protoc

${readFile("message", request.file)}
${pythonRequest(request, "message")}
with urllib.request.urlopen(request) as response:
    rows = ImageTagSet.FromString(response.read()).ImageTags
for row in rows:
    print(row.image, row.tag, row.score)
`,
});

/** A picture as a tensor in JSON, and tensors as the response, of which `scores` has a number for each label. */
export const inferenceSamples = (request: SampleRequest, scores: string) => {
  const inputs = '[{"name": "image", "shape": [1], "datatype": "BYTES", "data": [PICTURE]}]';
  const body = `{"inputs": ${inputs.replace("PICTURE", '"%s"')}}`;
  return {
    curl: `printf ${shellString(body)} "$(base64 < ${shellString(request.file)} | tr -d '\\n')" |\n  ${curl(request, "@-")}`,
    python: `${imports(["base64", "json"], request.needsToken)}

${readFile("picture", request.file)}
inputs = ${inputs.replace("PICTURE", "base64.b64encode(picture).decode()")}
${pythonRequest(request, 'json.dumps({"inputs": inputs}).encode()')}
with urllib.request.urlopen(request) as response:
    outputs = {output["name"]: output["data"] for output in json.load(response)["outputs"]}
for label, number in zip(outputs["labels"], outputs[${pythonString(scores)}]):
    print(label, number)
`,
  };
};
