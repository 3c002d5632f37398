/**
 * The game's word lists, from easy to hard. Easy: short, no letters that are easily taken for one another, none drawn in the air.
 *
 * @type {{id: string, name: string, level: "easy" | "middle" | "hard", words: string[]}[]}
 */
export const LISTS = [
  { id: "first", name: "First words", level: "easy", words: "BALL CAT BOY HAT WAY FLY LOW COOL CLAY BOAT WALL YELL LAB BOW COAL FOAL".split(" ") },
  { id: "animals", name: "Animals", level: "middle", words: "DOG CAT COW OWL BEE FOX LION BEAR WOLF FISH BIRD GOAT DUCK FROG TIGER SNAIL WHALE RABBIT".split(" ") },
  { id: "food", name: "Food and drink", level: "middle", words: "TEA MILK RICE CAKE SOUP PEAR BREAD APPLE LEMON HONEY WATER PASTA SALAD CHEESE POTATO".split(" ") },
  { id: "home", name: "Home and school", level: "middle", words: "BED DOOR DESK BOOK LAMP CHAIR TABLE CLOCK FAMILY FRIEND SCHOOL WINDOW PENCIL TEACHER".split(" ") },
  { id: "names", name: "Names", level: "middle", words: "ANNA BEN CLARA DAVID EMMA FELIX HANNA IDA LEO LILY NOAH OSCAR PAULA ROSA SAM TARA YARA".split(" ") },
  { id: "places", name: "Cities", level: "hard", words: "LIMA OSLO ROME CAIRO DELHI PARIS BERLIN LISBON LONDON VIENNA WARSAW NAIROBI TORONTO KYOTO".split(" ") },
  { id: "alike", name: "Easily mixed up", level: "hard", words: "MAN NAMES MEANT STEAM TEAMS SEAMS AUNT RUN SUN TURN VIRUS KUDU MANTA SATNAV NUTMEG".split(" ") },
  { id: "drawn", name: "With J and Z", level: "hard", words: "JAZZ JOB JAM ZOO ZERO JOIN JUICE PIZZA PUZZLE ZEBRA JACKET WIZARD JIGSAW".split(" ") },
  { id: "numbers", name: "Numbers", level: "easy", words: "12 35 47 58 69 70 81 94 103 256 428 615 739 802 917 1984 2026".split(" ") },
];
