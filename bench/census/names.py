"""Names as people and firms have them, each once, the same at every run."""

from itertools import product

GIVEN = (
    "Abena", "Abla", "Adjoa", "Afia", "Agnes", "Akosua", "Akua", "Alhassan", "Ama",
    "Amina", "André", "Anita", "Awa", "Baba", "Beatrice", "Bernard", "Bright",
    "Cecilia", "Charles", "Chloé", "Comfort", "Daniel", "David", "Deborah", "Dzifa",
    "Ebo", "Edem", "Efua", "Elikem", "Elizabeth", "Emmanuel", "Esi", "Esther", "Eunice",
    "Fatima", "Felix", "Florence", "Francis", "Fuseini", "George", "Gifty", "Grace",
    "Hannah", "Haruna", "Helena", "Ibrahim", "Irene", "Isaac", "Issah", "Jacob",
    "Joana", "John", "Joseph", "Joyce", "Kafui", "Kobina", "Kofi", "Kojo", "Kwabena",
    "Kwadwo", "Kwaku", "Kwame", "Kwasi", "Kweku", "Lamisi", "Linda", "Lydia", "Mahama",
    "Margaret", "Mariama", "Martha", "Mary", "Maxwell", "Memuna", "Michael", "Mohammed",
    "Naa", "Nana", "Nathaniel", "Nii", "Noël", "Patience", "Patrick", "Paul", "Peter",
    "Philomena", "Prince", "Prosper", "Rebecca", "Richard", "Rita", "Rose", "Ruth",
    "Salamatu", "Samuel", "Sarah", "Seidu", "Selorm", "Senyo", "Stephen", "Sulemana",
    "Thérèse", "Theresa", "Thomas", "Victoria", "Vida", "William", "Yaa", "Yakubu",
    "Yao", "Yaw", "Zainab", "Zenabu",
)  # fmt: skip
_FRONTS = (
    "Abo", "Acqu", "Add", "Adjei", "Agye", "Aidoo", "Akuf", "Amoa", "Ampo", "Anan",
    "Ansa", "Appia", "Asan", "Asie", "Atta", "Baido", "Barth", "Benne", "Boa", "Bonsu",
    "Danqu", "Dapa", "Dark", "Don", "Dza", "Edu", "Fofi", "Gya", "Hanse", "Ketek",
    "Kumi", "Kwart", "Lamp", "Manu", "Mens", "Nart", "Nkru", "Obe", "Odur", "Ofo",
    "Opok", "Osei", "Owus", "Plang", "Quar", "Sarpo", "Sowa", "Tagoe", "Tett", "Wiaf",
)  # fmt: skip
_ENDS = (
    "ah", "ako", "amoah", "ang", "ankwa", "ansah", "anyo", "aqua", "ardo", "asare",
    "ateng", "atey", "banahene", "bea", "boah", "chere", "coo", "dako", "denu", "dom",
    "eku", "eng", "ening", "fio", "fosu", "gyan", "hene", "iah", "kofi", "koran",
    "kye", "lley", "mani", "mire", "ngo", "nor", "nsah", "ntim", "pong", "quaye",
)  # fmt: skip
FAMILY = tuple(front + end for front, end in product(_FRONTS, _ENDS))
_TRADES = (
    "Ventures", "Enterprise", "& Sons Ltd", "Trading Ltd", "Farms Ltd", "Cold Store",
    "Transport Ltd", "Pharmacy", "Motors Ltd", "Fisheries Ltd",
)  # fmt: skip
# Of so many names; the step shares no divisor with it, so it meets each of them once.
NAMES = len(GIVEN) ** 2 * len(FAMILY)
_STEP = 15_485_863  # a prime


def parts_of(number: int) -> tuple[str, str, str]:
    """Two given names and one of the family, spread as if drawn by lot."""
    place = number * _STEP % NAMES
    rest, first = divmod(place, len(GIVEN))
    family, second = divmod(rest, len(GIVEN))
    return GIVEN[first], GIVEN[second], FAMILY[family]


def firm_of(number: int) -> str:
    """A firm called after its founder."""
    return f"{' '.join(parts_of(number))} {_TRADES[number % len(_TRADES)]}"
