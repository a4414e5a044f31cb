#!/usr/bin/env python3
"""Draws the wiring pictures of this folder: hardware/wiring/draw.py writes one SVG a sensor out of the table below and the board profile.

Needs nothing but Python 3. The pictures are ours; nothing in them is copied. A test compares the pins in the table with the board profile.
"""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
HEADER = json.loads((HERE.parent / "boards" / "pi4.json").read_text())["header"]

RED, BLACK, BLUE, GREEN, ORANGE, PURPLE = "#c62828", "#212121", "#1565c0", "#2e7d32", "#ef6c00", "#6a1b9a"
POWER3, POWER5, GROUND = 1, 2, 6

# Name: title, the module's pins (label, header pin or None, colour, note), notes below. Pull-ups and dividers: extra parts (text).
I2C = [("VCC", 1, RED, ""), ("GND", 6, BLACK, ""), ("SDA", 3, BLUE, ""), ("SCL", 5, ORANGE, "")]
SPI = [("VDD, VREF", 1, RED, ""), ("AGND, DGND", 6, BLACK, ""), ("CLK", 23, ORANGE, ""), ("DOUT", 21, GREEN, ""), ("DIN", 19, BLUE, ""), ("CS", 24, PURPLE, "")]
PULL_UPS = "The board has pull-ups of 1.8 kΩ on SDA and SCL: add none. With several modules, their own pull-ups lie in parallel; below about 1 kΩ remove some."
LOGIC = "Signals are 3.3 V. A module that pulls SDA or SCL up to 5 V destroys the board: feed it from 3.3 V, or use a level shifter."
SENSORS = {
    "bme280": ("BME280, BMP280, BME680", I2C, ["3.3 V (modules with a regulator: 3.3 or 5 V).", "Address 0x76 with SDO at GND, 0x77 with SDO at VCC; CSB at VCC chooses I2C.", PULL_UPS]),
    "sht3x": ("SHT3x, SHT4x", I2C, ["2.4 to 5.5 V (SHT4x 1.08 to 3.6 V): 3.3 V fits both.", "Address 0x44; SHT3x with ADDR at VCC 0x45.", PULL_UPS]),
    "aht20": ("AHT20, AHT21", I2C, ["2.2 to 5.5 V: take 3.3 V.", "Address 0x38, fixed: one on a bus.", PULL_UPS]),
    "ads1115": ("ADS1115", I2C + [("ADDR", 9, BLACK, "0x48")], ["No input may be above VDD + 0.3 V: at 3.3 V, put a divider before anything that can be higher.", "ADDR at GND 0x48, VDD 0x49, SDA 0x4A, SCL 0x4B.", PULL_UPS]),
    "ina219": ("INA219, INA226", I2C, ["VIN+ to the source, VIN- to the load: the shunt is in the plus line. At most 26 V (INA226: 36 V).", "The module's 0.1 Ω shunt takes 3.2 A (INA226: 0.8 A); set 'shunt' to the one you have.", "Grounds of the load and of the board must be joined.", PULL_UPS]),
    "mpu6050": ("MPU-6050", I2C + [("AD0", 9, BLACK, "0x68")], ["2.375 to 3.46 V (GY-521 modules have a regulator: 3.3 to 5 V).", "AD0 at GND 0x68, at VCC 0x69.", LOGIC]),
    "bh1750": ("BH1750, TSL2561", I2C + [("ADDR", 9, BLACK, "0x23")], ["2.4 to 3.6 V: never 5 V.", "BH1750: ADDR at GND 0x23, at VCC 0x5C. TSL2561: open 0x39, GND 0x29, VDD 0x49.", PULL_UPS]),
    "scd4x": ("SCD4x, SCD30", I2C, ["SCD4x 2.4 to 5.5 V, SCD30 3.3 to 5.5 V. SCD4x draws 205 mA for a moment every 5 s: short leads. SCD30: SEL open or at GND.", "SCD30 stretches the clock, which a Pi 3 or 4 does badly: dtparam=i2c_arm_baudrate=50000.", PULL_UPS]),
    "mcp3008": ("MCP3008, MCP3208", SPI, ["Feed it from 3.3 V: at 5 V its DOUT destroys the board.", "VREF at 3.3 V; set 'reference' to what you measure there.", "No input may be above VDD."]),
    "ds18b20": ("DS18B20", [("VDD", 1, RED, ""), ("GND", 6, BLACK, ""), ("DQ", 7, BLUE, "4.7 kΩ to 3.3 V")], ["A pull-up of 4.7 kΩ between DQ and 3.3 V is a must; long lines want 2.2 kΩ.", "dtoverlay=w1-gpio in config.txt (GPIO4). Feed it with three wires: without VDD, it often gives 85 °C."]),
    "dht22": ("DHT22, DHT11", [("VCC", 1, RED, ""), ("GND", 6, BLACK, ""), ("DATA", 7, BLUE, "10 kΩ to 3.3 V")], ["3.3 V, so that DATA is at most 3.3 V. A pull-up of 4.7 to 10 kΩ to 3.3 V; modules have one.", "dtoverlay=dht11,gpiopin=4 in config.txt: the kernel does the timing. Not more than every 2 s."]),
    "pms5003": ("PMS5003, PMS7003", [("VCC", 2, RED, "5 V"), ("GND", 6, BLACK, ""), ("TX", 10, GREEN, ""), ("SET", 17, ORANGE, "3.3 V: on")], ["The fan needs 5 V; its signals are 3.3 V, so TX may go to the board.", "Serial port on, login shell on it off ('sudo raspi-config')."]),
    "nmea": ("GPS receiver (NMEA)", [("VCC", 1, RED, ""), ("GND", 6, BLACK, ""), ("TX", 10, GREEN, "to RXD"), ("RX", 8, BLUE, "to TXD")], ["3.3 V modules only, or one with a regulator and 3.3 V signals.", "Serial port on, login shell on it off ('sudo raspi-config')."]),
    "modbus": ("Modbus RTU over RS-485", [("VCC", 1, RED, ""), ("GND", 6, BLACK, ""), ("RO", 10, GREEN, "to RXD"), ("DI", 8, BLUE, "to TXD"), ("DE, RE", 11, PURPLE, "RTS")], ["A transceiver for 3.3 V (MAX3485, SP3485); MAX485 at 5 V destroys the board by its RO.", "A to A, B to B, 120 Ω across A and B at both ends, grounds joined. A USB adapter needs none of this.", "DE and RE together at RTS (dtoverlay with uart0 RTS on GPIO17), setting 'rs485': true."]),
    "gpio-input": ("Contact, button, reed switch", [("contact", 11, BLUE, "GPIO17"), ("contact", 9, BLACK, "")], ["With 'pull': up and 'activelow': true no resistor is needed; a line of metres wants 1 kΩ in series and 10 kΩ to 3.3 V.", "Never a contact with a voltage of its own: through an optocoupler."]),
    "gpio-counter": ("Pulse meter (S0, open collector, flow)", [("+ / collector", 11, BLUE, "GPIO17"), ("- / emitter", 9, BLACK, "")], ["S0 and open collector: 'pull': up and 'activelow': true. An S0 line of metres wants 1 kΩ to 3.3 V.", "Flow meters for 5 V put out 5 V: a divider of 10 kΩ and 20 kΩ before the pin.", "Reed contacts bounce: 'debounce': 5ms."]),
    "gpio-output": ("Relay, valve", [("VCC", 2, RED, "5 V"), ("GND", 6, BLACK, ""), ("IN", 16, BLUE, "GPIO23")], ["A pin delivers a few mA: drive a coil by a module or a transistor with a diode across the coil, never by itself.", "Modules that switch at low level: 'activelow': true. While the board boots the pin is an input: choose the module so that this is off.", "What must be safe without the appliance needs a circuit that makes it so."]),
}


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def wrap(text, most):
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) + 1 > most:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return lines + [line]


def color(label):
    return "#ef9a9a" if label in ("3V3", "5V") else "#9e9e9e" if label == "GND" else "#fff59d"


def draw(name):
    title, pins, notes = SENSORS[name]
    out, pitch, top = [], 21, 64
    right, module_x = 250, 520
    rows = 20
    module_height = 44 + 34 * len(pins)
    module_y = top + max(0, (rows * pitch - module_height) // 3)
    text_y = top + rows * pitch + 44
    lines = [line for note in notes for line in [("•", wrap(note, 98))]]
    height = text_y + sum(len(l) for _, l in lines) * 18 + 12
    out.append(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" width="760" height="{height}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">')
    out.append(f'<title>{escape(title)} on a 40-pin header</title><rect width="760" height="{height}" fill="#ffffff"/>')
    out.append(f'<text x="24" y="32" font-size="19" font-weight="bold">{escape(title)}</text>')
    out.append(f'<rect x="96" y="{top - 14}" width="188" height="{rows * pitch + 22}" rx="8" fill="#e8f5e9" stroke="#2e7d32"/>')
    used = {pin: colour for _, pin, colour, _ in pins if pin}
    for index, text in enumerate(HEADER):
        number, label = index + 1, text.split(" ")[0]
        odd = number % 2 == 1
        x, y = (172 if odd else 208), top + (index // 2) * pitch
        bold = ' font-weight="bold"' if number in used else ""
        out.append(f'<circle cx="{x}" cy="{y}" r="6" fill="{color(label)}" stroke="{used.get(number, "#616161")}" stroke-width="{3 if number in used else 1}"/>')
        anchor, tx = ("end", x - 12) if odd else ("start", x + 12)
        out.append(f'<text x="{tx}" y="{y + 4}" text-anchor="{anchor}" font-size="10"{bold}>{label}</text>')
        out.append(f'<text x="{x}" y="{y + 3}" text-anchor="middle" font-size="7">{number}</text>')
    out.append(f'<rect x="{module_x}" y="{module_y}" width="180" height="{module_height}" rx="8" fill="#e3f2fd" stroke="#1565c0"/>')
    out.append(f'<text x="{module_x + 90}" y="{module_y + 24}" text-anchor="middle" font-size="11" font-weight="bold">{escape(title.split(" (")[0])}</text>')
    # Wires leave the header to the right; those of the left row go round below their own row, so that none crosses a label.
    for i, (label, pin, colour, note) in enumerate(pins):
        y = module_y + 50 + 34 * i
        out.append(f'<circle cx="{module_x}" cy="{y}" r="5" fill="{colour}"/><text x="{module_x + 14}" y="{y + 4}">{escape(label)}</text>')
        if note:
            out.append(f'<text x="{module_x + 170}" y="{y + 4}" text-anchor="end" font-size="10" fill="#616161">{escape(note)}</text>')
        if not pin:
            continue
        row = (pin - 1) // 2
        x0, y0 = (172 if pin % 2 else 208), top + row * pitch
        lane = 310 + 22 * (len(pins) - 1 - i)  # the lowest wire turns first: wires that all go down never cross
        if pin % 2:
            gap = y0 + pitch / 2 - 2.6
            out.append(f'<path d="M{x0 + 5} {y0 + 4} L{x0 + 9} {gap} H{lane} V{y} H{module_x}" fill="none" stroke="#ffffff" stroke-width="5"/>')
            out.append(f'<path d="M{x0 + 5} {y0 + 4} L{x0 + 9} {gap} H{lane} V{y} H{module_x}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        else:
            gap = y0 - pitch / 2 + 2.6
            out.append(f'<path d="M{x0 + 4} {y0 - 4} L{x0 + 8} {gap} H{lane} V{y} H{module_x}" fill="none" stroke="#ffffff" stroke-width="5"/>')
            out.append(f'<path d="M{x0 + 4} {y0 - 4} L{x0 + 8} {gap} H{lane} V{y} H{module_x}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        out.append(f'<text x="{module_x - 10}" y="{y - 5}" text-anchor="end" font-size="9" fill="{colour}">pin {pin}</text>')
    y = text_y
    for bullet, text_lines in lines:
        out.append(f'<text x="24" y="{y}">{bullet}</text>')
        for line in text_lines:
            out.append(f'<text x="38" y="{y}">{escape(line)}</text>')
            y += 18
    out.append("</svg>")
    (HERE / f"{name}.svg").write_text("\n".join(out) + "\n")


def page():
    out = ["# Wiring", "", "One picture a sensor, on the 40-pin header that all Raspberry Pi boards of the [profiles](../boards) share. Drawn by `hardware/wiring/draw.py`; the text in the pictures is part of the page.", "",
           "Before anything else:", "",
           "* **Every signal pin takes 3.3 V at most.** 5 V on any of them destroys the board, at once and for good. The 5 V pins (2 and 4) are for feeding modules only.",
           "* Switch the board off before wiring. Join the grounds first.",
           f"* I2C: {PULL_UPS}",
           "* Long lines: I2C is for centimetres (about 1 m at 100 kHz with good cable), 1-Wire for tens of metres, RS-485 for a kilometre.",
           "* `edge hardware detect` shows what answers; `edge hardware pins --config edge.json` shows what your configuration uses.", ""]
    for name, (title, pins, notes) in SENSORS.items():
        out += [f"## {title}", "", f"![{title}]({name}.svg)", "", "| module | header pin | |", "|---|---|---|"]
        out += [f"| {label} | {pin} ({HEADER[pin - 1].split(' ')[0]}) | {note} |" for label, pin, _, note in pins]
        out += [""] + [f"* {note}" for note in notes] + [""]
    (HERE / "README.md").write_text("\n".join(out))


for sensor in SENSORS:
    draw(sensor)
page()
