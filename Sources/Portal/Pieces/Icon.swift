/// Line drawings on a 24-unit square, as partials `icon/NAME`.
enum Icon {
    static let markup: [String: String] = paths.mapValues { path in
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"\(path)\"/></svg>"
    }

    private static let paths: [String: String] = [
        "mark": "M12 2.5v19M12 9c0 5.5-3 9-8 11M12 9c0 5.5 3 9 8 11M12 6c-1-2-2.5-3-4.5-3.5M12 6c1-2 2.5-3 4.5-3.5",
        "home": "M4 11.5 12 4l8 7.5V20h-5.5v-5h-5v5H4z",
        "collections": "M4 6.5h16M4 12h16M4 17.5h10",
        "people":
            "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-5.5 6.5-5.5s6 1.5 6.5 5.5M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.7c2.1.6 3.2 2.3 3.5 5.3",
        "roles": "M14.5 9.5a4.5 4.5 0 1 0-4.3 4.5L12 12.2M12 12l8 8M17 17l2-2",
        "bans": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.7 5.7l12.6 12.6",
        "work": "M12 4v4M12 16v4M4 12h4M16 12h4M6.3 6.3 9 9M15 15l2.7 2.7M6.3 17.7 9 15M15 9l2.7-2.7",
        "audit": "M6 3.5h9l4 4v13H6zM9.5 11h6M9.5 15h6",
        "trust": "M12 3.5 19 6v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6zM9 12l2.2 2.2L15.2 10",
        "backup": "M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4 4v3.5h3.5M12 8v4.3l3 1.8",
        "tenants": "M4 20V6l7-2.5V20M11 9.5l9 2V20M3 20h18M7 9v0M7 13v0M15 15v0",
        "search": "M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4 4",
        "menu": "M4 7h16M4 12h16M4 17h16",
        "theme": "M12 4a8 8 0 1 0 8 8 6.2 6.2 0 0 1-8-8z",
        "keyboard": "M3 7h18v10H3zM7 10.5v0M11 10.5v0M15 10.5v0M17 10.5v0M8 14h8",
        "exit": "M14 4.5H6v15h8M11 12h9.5M17 8.5l3.5 3.5-3.5 3.5",
        "close": "M6 6l12 12M18 6 6 18",
        "done": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.3l2.8 2.7L16 9.5",
        "open": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
        "alert": "M12 3.5 21.5 20h-19zM12 10v4.5M12 17.2v0",
        "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.7v0",
        "up": "M12 19V6M6.5 11 12 5.5 17.5 11",
        "down": "M12 5v13M6.5 13l5.5 5.5 5.5-5.5",
        "plus": "M12 5v14M5 12h14",
        "file": "M6 3.5h9l4 4v13H6zM14.5 3.5v4.5H19M12.5 18v-6M9.8 14.5l2.7-2.7 2.7 2.7",
        "external": "M9 6H5v13h13v-4M13 5h6v6M19 5l-8.5 8.5",
    ]
}
