/** The topic by which people are told: each subscriber gets the shape that suits him. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Notification } from "@warden/remediation";
import { calling } from "./classify.ts";

export interface NotificationsPort {
  tell(notification: Notification): Promise<void>;
}

export function notificationsPort(client: SNSClient, topicArn: string): NotificationsPort {
  return {
    async tell({ subject, mail, card }) {
      // A chat is subscribed by HTTPS; whoever else is gets what `default` says.
      const Message = JSON.stringify({ default: mail, https: JSON.stringify(card) });
      const input = { TopicArn: topicArn, Subject: subject, MessageStructure: "json", Message };
      await calling("sns:Publish", () => client.send(new PublishCommand(input)));
    },
  };
}
