// The developer view: requests and responses in JSON, as protobuf messages, and of the Open Inference Protocol.

import { useEffect, useState } from "preact/hooks";

import { splitAddress } from "./addresses.ts";
import { parseAddress } from "./destination.ts";
import { InferencePanel, JsonPanel } from "./json-panel.tsx";
import { createPicture, isPictureFile, type Picture } from "./pictures.ts";
import { ProtobufPanel } from "./protobuf-panel.tsx";
import { addressParameter, serviceUrl } from "./service.ts";
import { Tabs } from "./tabs.tsx";
import { developers as texts } from "./texts.ts";
import "./developers.css";

interface DevelopersProps {
  picture: Picture | undefined;
  /** A file that was dropped elsewhere on the page. */
  messageFile: File | undefined;
}

type Tab = keyof typeof texts.tabs;

let lastTab: Tab = addressParameter === undefined ? "json" : "protobuf";

export default function Developers({ picture, messageFile }: DevelopersProps) {
  const [service, setService] = useState(addressParameter ?? serviceUrl.href);
  const [tab, setTab] = useState<Tab>(messageFile ? "protobuf" : lastTab);
  const [chosen, setChosen] = useState<Picture | undefined>(picture);
  const [message, setMessage] = useState<File | undefined>(messageFile);
  const address = parseAddress(service);
  const base = address && splitAddress(address).base;

  const selectTab = (name: Tab) => {
    lastTab = name;
    setTab(name);
  };
  const openMessage = (file: File) => {
    setMessage(file);
    selectTab("protobuf");
  };
  useEffect(() => {
    if (messageFile) openMessage(messageFile);
  }, [messageFile]);
  useEffect(() => {
    if (picture) setChosen(picture);
  }, [picture]);

  const choosePicture = ([file]: File[]) => {
    if (file) setChosen(createPicture(file.name, file));
  };
  const onDrop = (files: File[]) => {
    if (!files[0]) return;
    if (isPictureFile(files[0])) choosePicture(files);
    else openMessage(files[0]);
  };
  return (
    <section
      class="developers"
      aria-labelledby="developers-title"
      data-drop
      onDrop={(event) => onDrop(Array.from(event.dataTransfer?.files ?? []))}
    >
      <h1 id="developers-title">{texts.title}</h1>
      <p class="lead">{texts.lead}</p>
      <label class="service-address">
        {texts.service}
        <input
          type="url"
          dir="ltr"
          value={service}
          onInput={(event) => setService(event.currentTarget.value)}
          spellcheck={false}
        />
      </label>
      <Tabs label={texts.protocols} titles={texts.tabs} selected={tab} onSelect={selectTab}>
        {tab === "json" && <JsonPanel base={base} picture={chosen} onFiles={choosePicture} />}
        {tab === "protobuf" && (
          <ProtobufPanel address={address} picture={chosen} onFiles={choosePicture} messageFile={message} />
        )}
        {tab === "inference" && <InferencePanel base={base} picture={chosen} onFiles={choosePicture} />}
      </Tabs>
    </section>
  );
}
