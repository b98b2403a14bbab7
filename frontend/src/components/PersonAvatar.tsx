import { Avatar } from "@mantine/core";
import { colourOf, initialsOf } from "./people";

interface PersonAvatarProps {
  name: string;
  userId: number;
  size?: number;
}

/** A person as initials on their colour, the same colour that their caret has. */
export function PersonAvatar({ name, userId, size = 26 }: PersonAvatarProps) {
  return (
    <Avatar
      size={size}
      radius="xl"
      alt={name}
      title={name}
      styles={{
        placeholder: {
          background: colourOf(userId),
          color: "#fff",
          fontSize: size * 0.4,
          fontWeight: 600,
          border: "none",
        },
      }}
    >
      {initialsOf(name)}
    </Avatar>
  );
}
