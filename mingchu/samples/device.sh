#!/bin/sh
# What a device says, in plain mosquitto_pub commands (Debian: mosquitto-clients), to try a login or a new terminal.
#
#   HOST=broker.example PORT=8883 CAFILE=ca.pem SITE=market-1 DEVICE=scale-2 PASSWORD=… sh device.sh
set -eu
: "${HOST:=127.0.0.1}" "${PORT:=1883}" "${CAFILE:=}" "${SITE:?the site's code}" "${DEVICE:?the device's code}" "${PASSWORD:?}"
topic="mc/v1/$SITE/$DEVICE"
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }  # a time has its offset; Z is UTC

# say CHANNEL MESSAGE [OPTION…]: QoS 1, and a last will for the time of the connection
say() {
    channel=$1 message=$2
    shift 2
    mosquitto_pub -h "$HOST" -p "$PORT" ${CAFILE:+--cafile "$CAFILE"} -u "$SITE.$DEVICE" -P "$PASSWORD" -q 1 \
        --will-topic "$topic/state" --will-payload '{"online":false}' --will-qos 1 --will-retain \
        -t "$topic/$channel" -m "$message" "$@"
}

say state "{\"online\":true,\"ts\":\"$(now)\"}" -r

# a status; masses in kg instead of the profile's g are said in `units`
say telemetry "{\"ts\":\"$(now)\",\"seq\":1,\"values\":{\"state\":1,\"cover\":0,\"battery\":83,\"weight\":1.25},\"units\":{\"weight\":\"kg\"}}"

# a sale: g, fen per kg, fen
say transaction "{\"ts\":\"$(now)\",\"tx_id\":\"$DEVICE-$(date +%s)\",\"seq\":1,\"product\":\"pork\",\"gross_g\":1250,\"tare_g\":10,\"net_g\":1240,\"unit_price\":3600,\"amount\":4464,\"pay\":\"wechat\"}"

# a fault begins, and ends
say event "{\"ts\":\"$(now)\",\"seq\":2,\"code\":\"low_battery\",\"phase\":\"begin\"}"
say event "{\"ts\":\"$(now)\",\"seq\":3,\"code\":\"low_battery\",\"phase\":\"end\"}"
