import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { accounts, type Token } from "../../api/endpoints";
import { ErrorNote } from "../../components/ErrorNote";
import { fullTime } from "../../components/time";
import { Secret } from "./Secret";
import { Section } from "./Section";
import classes from "./Settings.module.css";
import { useItems } from "./useItems";

const LIFETIMES = [
  { value: "30", label: "for 30 days" },
  { value: "90", label: "for 90 days" },
  { value: "365", label: "for a year" },
  { value: "", label: "until deleted" },
];

/** Tokens with which programs act for this person. */
export function Tokens() {
  const { items, problem, attempt, reload } = useItems<Token>(accounts.tokens);
  const [created, setCreated] = useState<string | null>(null);
  const create = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = new FormData(form);
    const days = Number(entered.get("days")) || null;
    await attempt(async () => {
      setCreated((await accounts.createToken({ name: String(entered.get("name")).trim(), days })).token);
      form.reset();
      await reload();
    });
  };
  const revoke = (id: number) =>
    attempt(async () => {
      await accounts.deleteToken(id);
      await reload();
    });
  return (
    <Section
      title="API tokens"
      words="For scripts and programs that act in your name. A token can do what you can do."
    >
      <ErrorNote sentence={problem} />
      {created && <Secret words="Your new token. Copy it now, it is shown this once." secret={created} />}
      <ul className={classes.items}>
        {items?.map(({ id, name, expiresAt }) => (
          <li key={id}>
            <span className={classes.itemName}>
              {name}
              <small>
                {expiresAt === null ? "Valid until deleted" : `Valid until ${fullTime(expiresAt)}`}
              </small>
            </span>
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`Delete ${name}`}
              onClick={() => void revoke(id)}
            >
              Delete
            </Button>
          </li>
        ))}
      </ul>
      <form className={classes.inline} aria-label="New token" onSubmit={(event) => void create(event)}>
        <TextInput
          name="name"
          aria-label="What the token is for"
          placeholder="What it is for"
          maxLength={100}
          required
        />
        <NativeSelect name="days" aria-label="How long it is valid" data={LIFETIMES} defaultValue="90" />
        <Button type="submit" variant="default">
          Create a token
        </Button>
      </form>
    </Section>
  );
}
