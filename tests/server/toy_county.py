"""A county small enough to hold in the head, as the files a user would import.

    A (2 km) ──┐
               ├─▶ C (4 km, left bank 甲镇, right bank 乙乡) ─▶ D (1 km) ─▶ out
    B (3 km) ──┘

Section S1 (target II) lies on C at 3 km; section S2 (target III) on A at 1 km. All in 玩具县 (999901).
"""

import json

COUNTY, TOWN, RURAL = "999901000000", "999901001000", "999901002000"
REGIONS = f"""code,name,kind,level,parent
{COUNTY},玩具县,县,county,
{TOWN},甲镇,镇,township,{COUNTY}
{RURAL},乙乡,乡,township,{COUNTY}
999901001001,甲村,村,village,{TOWN}
"""
PLACES = """id,kind,name,reach,chainage_m,bank,class_target,border,part_of,operator
S1,section,出口断面,C,3000,,II,true,,
S2,section,上游断面,A,1000,,III,false,,
W1,station,出口自动站,C,3000,left,,,S1,national
M1,station,出口模拟站,C,3000,right,,,S1,simulated
P1,outfall,甲镇排口,A,500,left,,,,
Q1,source,水源地,B,100,,II,,,
"""
PARTIES = f"""id,name,kind,level,region,parent,phone
office,玩具县河长办,office,county,{COUNTY},,000-1
water,玩具县水利局,department,county,{COUNTY},office,000-2
ecology,玩具县生态环境局,department,county,{COUNTY},office,000-3
town,甲镇人民政府,township,township,{TOWN},office,000-4
rural,乙乡人民政府,township,township,{RURAL},office,000-5
village,甲村,village,village,999901001001,town,000-6
"""
RESPONSIBILITIES = """unit,post,holder,level,reach_from,reach_to,bank,from,to,phone
office,chief,县级河长,county,A,D,both,2020-01-01,,
office,chief,县级河长,county,B,,both,2020-01-01,,
town,chief,河长 · 甲镇（前任）,township,A,D,left,2020-01-01,2024-06-30,
town,chief,河长 · 甲镇,township,A,D,left,2024-07-01,,
rural,chief,河长 · 乙乡,township,A,D,right,2020-01-01,,
rural,chief,河长 · 乙乡,township,B,,both,2020-01-01,,
village,chief,河长 · 甲村,village,A,D,both,2020-01-01,,
village,chief,河长 · 甲村,village,B,,both,2020-01-01,,
"""
LINES = {
    "A": ("C", 2000, [[108.0, 32.0], [108.02, 32.0]]),
    "B": ("C", 3000, [[108.0, 32.02], [108.01, 32.01], [108.02, 32.0]]),
    "C": ("D", 4000, [[108.02, 32.0], [108.06, 32.0]]),
    "D": (None, 1000, [[108.06, 32.0], [108.07, 32.0]]),
}


def network(**changes: dict) -> str:
    """The network as GeoJSON; ``changes`` gives a reach other properties (``None`` takes a property away)."""
    features = []
    for code, (down, length, line) in LINES.items():
        properties = {
            "id": code,
            "name": f"玩具河·{code}段",
            "river": "支沟" if code == "B" else "玩具河",
            "down": down,
            "length_m": length,
            "kind": "river",
            "level": "county",
            "region": TOWN,
            "left_region": TOWN,
            "right_region": RURAL,
            "velocity_m_s": 0.5,
            "flow_m3_s": 1.0,
            "schematic": True,
        } | changes.get(code, {})
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {name: value for name, value in properties.items() if value is not None},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


FILES = (
    ("places", "regions.csv", REGIONS),
    ("network", "network.geojson", network()),
    ("places", "places.csv", PLACES),
    ("parties", "parties.csv", PARTIES),
    ("parties", "responsibilities.csv", RESPONSIBILITIES),
)
