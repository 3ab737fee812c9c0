// swift-format-ignore-file
//
// The most common passwords of published breaches, reduced to what a password of eight characters or more can stand for.
// Made from the union of two lists: Django's common-passwords (BSD-3-Clause, after Royce Williams) and zxcvbn's
// frequency list (MIT, Dropbox and Daniel Wolf's Python port); see NOTICE. Words, in code point order, separated by spaces.
let commonPasswordList: StaticString = """
!~!1 ***** ****** 0.0.0.000 0.0.000 0.00000000 0000 00000 0000000 00000000 000000000 0000000000 0000007 000001 000007 000111 0007
001122 00112233 007007 010101 01010101 01011 01011900 01011910 01011950 01011960 01011961 01011970 01011971 01011972 01011973
01011974 01011975 01011976 01011977 01011978 01011979 01011980 01011981 01011982 01011983 01011984 01011985 01011986 01011987
01011988 01011989 01011990 01011991 01011992 01011993 01011994 01011995 01011999 01012000 01012001 01012010 01012011 010180 010203
01020304 0102030405 01021990 01031985 01031988 01031989 01041985 01041988 01061986 01061990 01071986 01081989 01091987 01091989
01121986 01121988 01230123 012345 0123456 01234567 0123456789 014789 0192837465 02011971 02011975 02011980 02011981 02011982
02011983 02011984 02011985 02011986 02011987 02011988 02011989 020202 02021971 02021973 02021976 02021979 02021981 02021982 02021983
02021984 02021985 02021986 02021987 02021988 02021989 02021990 02031970 02031973 02031974 02031975 02031977 02031978 02031979
02031980 02031981 02031982 02031984 02031985 02031986 02031987 02031988 02031989 02041972 02041973 02041974 02041975 02041976
02041977 02041978 02041979 02041980 02041981 02041982 02041983 02041984 02041985 02041986 02041987 02041988 02041989 02051970
02051972 02051973 02051975 02051976 02051977 02051978 02051980 02051981 02051982 02051983 02051984 02051985 02051986 02051987
02051988 02051989 02061971 02061972 02061974 02061976 02061977 02061980 02061982 02061983 02061984 02061985 02061986 02061987
02061988 02061989 02071971 02071975 02071976 02071978 02071979 02071980 02071981 02071982 02071983 02071984 02071986 02071987
02071988 02071989 02081970 02081973 02081974 02081976 02081977 02081980 02081982 02081983 02081984 02081985 02081986 02081987
02081988 02081989 02091971 02091973 02091975 02091976 02091977 02091980 02091981 02091983 02091984 02091985 02091986 02091987
02091989 02101973 02101976 02101977 02101979 02101981 02101983 02101984 02101985 02101986 02101987 02101988 02101989 030303 03031986
03041986 03041991 03082006 040404 04041988 04041991 0420 050505 05051985 05051987 05051989 060606 06061986 070707 07071977 07071987
07091990 08031985 08031986 08051990 080808 08081988 08121986 09051945 090909 098765 0987654321 0987654321q 0o9i8u7y 1000 100000
1000000 1001 100100 10011986 10011990 1002 100200 1003 10031988 1004 1005 100500 10051987 1007 10071987 1008 10101010 10101986
10101990 1011 101112 1012 1013 1017 1020 10203 102030 10203040 1020304050 1022 1023 1024 102938 10293847 1029384756 1031 1066
11001001 110092 110110 1102 11051987 11051990 11061985 11081989 111000 1111 11111 1111111 11111111 111111111 1111111111 11111111111
111112 11112222 1112 111213 11121986 111222 111222333 111333 111555 111777 1121 112112 1122 112211 11221122 11223 112233 11223344
1122334455 112233445566 1123 112358 11235813 1123581321 1124 1125 115599 12011987 120120 12021988 12031985 12031987 1204 12051988
120676 1210 1211 1212 12121 121212 12121212 1212121212 12121985 12121990 1213 121314 12131415 1213141516 1215 122001 122002 1221
12211221 1223 122333 1224 1225 1230 123000 1230123 12301230 123098 12312 123123 12312312 123123123 1231234 1232323q 12332 123321
123321123 1234 1234123 12341234 1234321 12344321 12345 123450 1234509876 123451 12345123 1234512345 123454321 123455 1234554321
123456 1234560 12345600 1234561 123456123 123456123456 12345654321 1234566 123456654321 1234567 12345671 12345677 12345678 123456781
123456789 1234567890 1234567890- 12345678900 12345678901 1234567890a 1234567890q 1234567890z 1234567891 12345678910 123456789123
123456789123456789 1234567899 123456789987654321 123456789a 123456789abc 123456789b 123456789c 123456789d 123456789e 123456789g
123456789j 123456789k 123456789l 123456789m 123456789n 123456789o 123456789p 123456789q 123456789qwe 123456789r 123456789s
123456789t 123456789v 123456789w 123456789z 12345678a 12345678q 12345678s 12345679 1234567a 1234567aa 1234567q 1234567z 1234568
12345687 1234569 123456987 123456aa 123456ab 123456abc 123456as 123456asd 123456qq 123456qqq 123456qw 123456qwe 123456ru 123457
123459 12345abc 12345asd 12345qaz 12345qwe 123465 12348765 12349876 1234kekc 123567 1235789 123581321 12365 123654 12365478
123654789 1236987 12369874 123698741 123698745 123789 123789456 123890 123987 123abc123 123qq123 123qwe123 12413 124578 128500
13021990 13031987 13041987 13041988 13061986 13121985 1313 131313 13131313 1314520 1314521 132435 13243546 132456 132465 1342 134679
134679852 135246 1357 13579 135790 1357908642 135791 1357911 135792468 1357924680 135798642 1366613 1369 14021985 14021986 14061991
14111986 141627 142536 142857 143143 14344 145236 14531453 147147 147258 14725836 147258369 147369 147741 147852 14785236 147852369
147896 1478963 14789632 147896325 147963 14881488 1492 15011987 15021985 15051981 15051990 150781 15101986 151515 153624 15426378
159159 159263 159357 159632 15975 159753 159753456 1598753 159951 16051987 16051989 16121987 161616 162534 168168 168asd168 1701
17011987 17051988 17061988 171717 172839 1776 18011987 18061990 18091985 1812 18121812 181818 18436572 19051905 19061987 19071907
19101987 191919 192837 19283746 192837465 19411945 1945 1951 1966 19671967 1968 19681968 1969 19691969 196969 1970 19701970 1971
19711971 1972 19721972 1973 19731973 1974 19741974 1975 19751975 1976 19761976 1977 19771977 1978 19781978 1979 19791979 1980
19801980 1981 19811981 1982 19821982 1983 19831983 1984 19841984 1985 19851985 1986 19861986 1987 19871987 1988 19881988 1989
19891989 1990 19901990 1991 19911991 1992 19921992 1993 19931993 1994 19941994 1995 19951995 1996 19961996 19971997 19981998 1999
1a2a3a4a 1a2s3d4f5g 1q1q1q1q 1q2q3q4q 1qay2wsx 1qaz2wsx3edc4rfv 1qw23er4 1z2x3c4v5b 2000 200000 20002000 20012001 2002 20022002
20031987 2004 2005 20051988 20052005 20061988 20082008 20091988 20091991 20092009 20102010 20111986 201301 201314 202020 20202020
21011989 21031987 21031988 21031990 21051988 21051991 21101986 2112 2121 212121 21212121 2128506 22011988 22021986 22021989 22031984
22041987 22041988 22061941 22071986 2222 22222 222222 2222222 22222222 2222222222 222333 222777 223322 223344 224466 22446688 225588
23021986 23041987 2323 232323 23232323 234567 23456789 235689 24011985 24061986 24111989 242424 2468 24680 246810 24681012 24682468
2469 25031987 25041988 25081988 25091987 25121987 2525 25251325 252525 25252525 2580 25800852 25802580 258258 258369 258456 258852
258963 26031988 26061987 262626 27061988 272727 27731828 28011987 28021990 28021992 28041987 282828 29011985 29051989 29071983
290966 292929 2wsx3edc 30031988 30041986 30051985 3006 303030 31011987 313131 314159 31415926 315475 321123 321321 321321321 321456
321654 321654987 32167 321678 323232 332211 3333 33333 3333333 33333333 3333333333 333444 333666 333777 334455 336699 343434 345678
353535 357159 357951 362436 363636 369258 369258147 369369 369852 369852147 369963 393041123 3edc4rfv 4121 4128 415263 4200 420000
420247 420420 424242 4321 4417 44332211 445566 456123 456321 456456 456456456 456654 456789 456852 464646 474747 4815162342 5000
505050 5150 515000 5201314 520520 5211314 521521 525252 5329 54321 543210 5551212 5555 55555 5555555 55555555 5555555555 555666
555777 556677 55bgates 565656 5678 567890 585858 635241 636363 654123 654321 6543210 654654 655321 656565 6655321 66613666 6666
66666 666666 6666666 66666666 6666666666 666777 666888 666999 6751520 676767 6969 69696 696969 69696969 7007 73501505 74108520
74123698 741258 741258963 741852 741852963 741963 753159 753951 757575 7654321 7753191 7758258 7758521 777333 7777 77777 7777777
77777777 7777777777 7777777a 777888 7779311 777999 778899 784512 786786 786786786 787878 787898 789123 78945 789456 78945612
789456123 7894561230 7895123 7896321 789632145 789654 789654123 789789 789789789 789987 794613 808080 852456 852963 8675309 875421
87654321 87654321q 878787 8888 88888 8888888 88888888 8888888888 888999 898989 9-11-1961 90210 906090 9111961 911911 918273645
9293709b13 9379992 951357 951753 9562876 963258 963258741 963852 963852741 963963 969696 980099 987123 987321 987456 987456321 98765
987654 9876543 98765432 987654321 9876543210 987654321a 987987 989898 996633 99762000 998877 999666 9999 99999 9999999 99999999
999999999 9999999999 ?????? a1234567 a12345678 a123456789 a123456a a1a1a a1a2a a1a2a3a a1b2c a1b2c3d a1b2c3d4e a1s2d a1s2d3f
a1s2d3f4g5 a2b3c a2b3c4d a2b3c4d5e a2s3d a2s3d4f a838hfid aa123456 aaa123123 aaaa aaaaa aaaaaa aaaaaaa aaaaaaaa aaaaaaaaaa aaasss
aaliyah aardvark aaron ab#cd ab123456 abacab abc12345 abc123456 abc123abc abcabc abcd abcde abcdef abcdefg abcdefgh abcdefghij
abdullah aberdeen abgrtyu abhishek abigail abnormal abracadabra abraham abrakadabra absolut abstr acapulco access accord account
achilles achtung acidburn acmilan action acura adam addison1 adgjm adgjmp adgjmptw adidas aditya admin administrator adonis
adrenalin adrian adriana adriano advent adventure aerosmit aerosmith aezakmi africa afrika again agent aggies agnieszka aikido
aikman airborne airbus airforce airman airplane airwolf akatsuki akax89wn akira akopa alabama aladin alain alaska albany albatros
albert alberto albion alcatraz alchemy alejandr alejandra alejandro aleksandr aleksandra aleksey alenka alessand alessandra
alessandro alessia alessio alex alexalex alexande alexander alexandr alexandra alexandre alexandria alexandru alexey alexi alexia
alexis alexxx alfa alfarome alfaromeo alfonso alfred alfredo aliali alibaba alice alicia aliens aligator alina alinka alisha alison
all4one alladin allah allegro allen alleycat allison allmine allnight allsop allstar allstate almighty almond aloha alonso alpha
alphabet alpine alterego altima altoids alucard alvaro always alyssa amadeus amand amanda amandine amarillo amateur amateurs amatory
amazing amazon amber ambers ambrosia amelia amelie americ america american amerika amethyst amigo amigos amorcit amorcito amore
amoremio amores amour amstel amsterda amsterdam anaconda anai anakin anakonda anal analsex anamaria ananas anarchy anastasi
anastasia anastasiya anderson andonly andre andrea andreas andreea andrei andres andrew andrey andromed andromeda andy andyod
anfield angel angela angelbaby1 angeles angelica angelika angelina angelique angelito angelo angels angelus angie angus anhyeuem
animal animals anime anita anjali anna annabelle annamaria annette annie antares antelope anthon anthony anthrax antoine anton
antonella antoni antonia antonio anubis anything aobo aolsucks apache apollo apple applepie apples april aprilia aptiva aquarius
aragorn aramis arcadia arcangel archange archangel archie architec area argentin argentina ariana arianna aries arizona arjay arlene
armada armageddon armagedon armando armani armstron arnold arrow arrows arschloch arsenal artem artemis artemka arthur artist artur
arturo as123456 as790433 asasas asd12345 asd123456 asd123asd asdasd asdasdasd asddsa asdf asdfasdf asdffdsa asdfg asdfgh asdfghj
asdfghjk asdfghjkl asdfjkl asdfqwer asdfzxcv asdqwe asdzxc asgard ashish ashle ashlee ashleigh ashley ashton asians asimov aspen
aspire aspirine assasin assass assassin assfuck asshole assholes asslover assman assmunch assword asterix astonvilla astra astral
astro astros atcskd2w athena athlon athome atlanta atlantis atomic atreides atticus attila attitude auburn audi audia auditt audrey
auggie august augustin aurelie aurora aussie austin australi australia autumn avalanch avalon avatar avenger awesome awful awnyce
axio azamat azazel azert azerty azertyui azertyuiop azrael azsxdc azsxdcfv aztnm azzer babatunde babe babemagn babemagnet baberuth
babes babies baby babybaby babybear babyblue babyboo babyboy babycake babycakes babydoll babyface babygirl babygurl babyko babylon
babylove babyphat1 bacardi bacchus backbone backdoor backend backspace badabing badass badboy baddog badger badgers badgirl badman
badminton badoo baggins baggio bagira bagpuss bahamut bailey bajingan baker baller ballet ballin balloon balloons balls ballsack
baltimor bama bambam bamboo banan banana bananas banane bandit bang bangalore banger bangkok bangladesh banker banner banshee banzai
baracuda barbados barbara barbie barcelon barcelona barefeet barefoot barfly baritone barkley barley barney barry barselona barsik
bartman basebal baseball basket basketba basketbal basketball basset bassman bastard batista batman baxter bayern bball bbbbbb
bcfields bdsm beach beaches beagle beaker beamer beaner beanie bear bearbear bearcat bearcats beardog bearshare beast beastie beater
beatle beatles beatrice beatriz beautifu beautiful beauty beaver beavis becca beckham becky beech beefcake beemer beer beerman
beethove beethoven beetle beezer begemot behappy believe belinda bella bellagio belmont bendover benessere benfica beng bengals
benjami benjamin benny benson bentley beowulf beretta bergkamp berlin bernadette bernard bernardo bernhard bernie best bestbuy
bestfriend bethany betty bettyboo bettyboop beverly beyonce bhbirf bian bianca biao biatch bicycle bigass bigballs bigbang bigbear
bigben bigbird bigblack bigblock bigblue bigbob bigboobs bigbooty bigboss bigboy bigbucks bigbutt bigcat bigcock bigdaddy bigdawg
bigdick bigdicks bigdog bigfish bigfoot biggie biggles biggun bigguns bigguy bighead bigjohn bigmac bigman bigmike bigmoney bigone
bigones bigpenis bigpimp bigpoppa bigred bigsexy bigtime bigtit bigtits bigtruck biit biker bikini bilbo bill billabon billabong
billie billy billybob billyboy bimbo bimmer bing bingo binladen bintang biohazard bionicle bird birddog birdie birdman birthday
biscuit bisexual bishop bismarck bismark bismilla bismillah bitch bitchass bitches bitchy biteme bizkit bkl29m2bk blabla blablabla
black blackberry blackbir blackbird blackcat blackdog blackhaw blackhawk blackice blackie blackjac blackjack blacklab blackops
blackout blackrose blacks blacky blade blades blah blahblah blake blam blasted blaster blaze blazer bleach blessed blessing
blessings blink blitz blizzard blobby blonde blondes blondie blood blossom blowfish blowjob blowme blubber blue blueball bluebell
blueberr blueberry bluebird blueboy bluedog blueeyes bluefish bluejays bluemoon blues bluesky bluesman bluestar blunts boater
boating bobafett bobbie bobbob bobby bobcat bobdole bobdylan bobmarley boeing bogart bogdan bogey bohica boiler bolitas bollocks
bollox bologna bombay bomber bombers bonanza bonbon bond bondage bonehead boner bones bongo bonita bonjour bonjovi bonkers bonnie
bonsai boob boobear boobie boobies booboo boobs booger boogie bookie bookworm boomboom boomer booster bootie boots bootsie bootsy
booty bootys booyah boozer borabora bordeaux boricua borussia bosco bossman boston boubou boulder bounce bouncer bounty bowler
bowling bowtie bowwow boxcar boxer boxers boxing boxster boytoy boyz bozo br0d3r bradley brandi brando brandon brandy brasil
braveheart braves brayden1 brazil breaker breanna breast breasts breeze bremen brenda brendan brest brian briana brianna bricks
bridget bright brighton brigitte bristol britney brittany brittney broadway brodie broken broker bronco broncos brooke brooklyn
brooks brother brothers brown browndog brownie browns bruce brucelee bruins bruiser bruno brutus bryan bryant bscirc bubba bubbas
bubble bubblegum bubbles buceta bucket buckeye buckeyes buckshot buckwhea bucky budapest buddah buddha buddie buddy buddyboy
buddydog budgie budlight budman budweise budweiser buffalo buffet buffett buffy bugger bugsbunny builder bukkake bukowski bull
bulldog bulldogs bullet bullfrog bulls bullseye bullshit bumble bumblebee bummer bumper bunghole bungle bunnies bunny burger burner
burnout burrito burton bushido business buste buster busty butch butkus butter buttercu buttercup butterfl butterfly buttfuck
butthead butthole buttman buttons buzzard buzzer bynthytn byteme c2h5oh c43qpul5rz cabbage cabernet cabron cactus cadillac caesar
cafc caitlin caleb calgary calibra calico caliente californ california caligula calimero callie callisto callofduty callum calvin
camaro camaross camaroz28 camber cambiami cambridg camden camel camelot camels cameltoe camera camero cameron camil camila camilla
camille campbell camper canada cancer cancun candice candle candy candyass candyman cang cannabis cannibal canon cantik cantona
canuck canucks canyon capcom capecod capetown capitals capoeira capone caprice capricor capricorn capslock captain caracas caramel
caramelo caravan cardinal cardinals care1839 carebear career carina carla carlito carlitos carlos carlotta carmela carmen carmex
carnage carnival carol carole carolina caroline carolyn carpedie carpediem carpente carpet carrera carrie carrot carrots carson
carter cartman cartoon cartoons casablanca casanova caserta casey cashflow cashmone cashmoney casino casio casper cassandr cassandra
cassidy cassie caster castillo castle castro catalina catarina catcat catch catcher catdog caterina catfight catfish catherin
catherine catman catnip cats catwoman cavalier caveman cayman cbr900rr ccbill cccccc cdtnbr cdtnkfyf ceasar cecile cecilia cedric
celeb celeron celeste celica celine cellphone celtic celtics cement ceng cent central cepetsugih cerberus cessna cevthrb cfitymrf
cgfhnfr chacha chai chainsaw challeng champ champion champs chance chandler chandra chanel change changeme chantal chao chaos
charger chargers charisma charity charlene charles charli charlie charlott charlotte charlton charly charmed charon chase chaser
cheater cheche checker checkers checkmat cheddar cheech cheeks cheeky cheer cheerleaers cheers cheese cheesecake cheetah chelle
chelse chelsea chelseafc chemical chemistry cherokee cherries cherry cheryl cheshire chessie chester cheval chevelle chevrole
chevrolet chevy chevys chewbacc chewie chewy cheyenne chiara chicago chicco chichi chicken chickens chickenwing101 chicks chico
chiefs children chilli chillin chilly chimera china chinook chipie chipmunk chipper chippy chiquita chivas chloe chocha chocolat
chocolate choochoo chopin chopper chosen chou chouchou choupette chris chrisbln chrisbrown chriss chrissy christ christia christian
christin christina christine christma christmas christop christophe christopher christy chrome chronic chrono chrysler chuai chuang
chubby chuckie chuckles chucky chui chunky chuo church churchil ciao ciaociao ciccio cicero cigars cinder cinderella cindy cinnamon
cintaku cirrus citadel citroen civilwar cjkysirj cjkywt cjmasterinf claire clancy clapton clarence clarinet classic classics classof
claude claudi claudia claudio claymore clayton clement clemson cleopatr cleopatra clevelan cleveland clifford climax climber clinton
clipper clippers clit clitoris close-up cloud clouds clover clovis clowns clutch cm6e7aumn cnfybckfd cnjqrf cobain cobalt cobra
cobras cocacola cocaine cock cocker cocks cocksuck cocksucker coco coconut codered coffee cohiba coke cola coldbeer coldplay colleen
college collie collin collins colnago colombia colorado colors colt coltrane columbia comanche comeer comein comeon comet
comicbookdb coming commande commando compaq compass compute computer conan concord concorde concrete condom condor confused cong
connect conner connie connor consumer contortionist contra control converse cookie cookies cool cool4u coolcat coolcool cooldude
cooler coolgirl coolguy coolhand coolio coolman coolness cooper coors cooter copenhag copper corazon corey corleone corndog cornhole
corolla corona corrado corsair corvet07 corvette cosmic cosmo cosmos cosworth cotton coucou cougar cougars counter country coupon
coupons courage courtney coventry cowboy cowboys cowboyup cowgirl coyote cracker cramps crazy crazybab crazyman creampie creamy
creative creepers crescent cricket crimson cristal cristian cristiano cristina critter crjhgbjy cruise cruiser crunch crusader
crusher crusty crysis crystal cthtuf cthulhu cthutq ctrhtn cuan cubbies cubs cubswin cucciolo cucumber cuddles cuervo culinary
cumming cumshot cumslut cunt cunts cupcake cupoi curious curtis custom cute cute4u cuteako cutegirl cutie cutiepie cutlass cutter
cvthnm cxfcnmt cyber cybersex cyborg cyclone cyclones cyclops cygnus cygnusx cynthia cypress cyrano d1lakiss d2xyw89sxj d71lwz9zjs
d8cubaj2e d9zufqd92n dabears dabomb dadada daddy daddyo daddysgirl daedalus daemon daewoo dagger dagobert daisy daisydog dakota
dalejr dallas dalshe dalton daman damian damien damilola dammit damnit dance dancer dancing dandan dang danger dangerous danie
daniel daniela daniele daniella danielle daniels daniil danila danilo danni danny dannyboy dante danzig daredevi daredevil darina
darius darkange darkangel darklord darkman darkness darkside darkstar darling darren darthvad darwin dating datsun daughter dave
david davide davids davinci dawg dawson daydream daytona dbnfkbr dbrnjh dbrnjhbz dddddd deadhead deadman deadpool deadspin deanna
dearbook death deathnote debbie debora deborah december deedee deejay deepak deepthroat deerhunt deeznuts deeznutz default defender
defiant deftones dejavu delete delfin delight delphi delphine delpiero delta deluxe demo demon demon1q2w3e demon1q2w3e4r
demon1q2w3e4r5t denali deng deniro denis denise deniska dennis denver depeche derek derf derparol derrick desert design designer
desire desiree deskjet desktop desmond destin destiny detroit deutsch devil devildog devilman devils devin devo dexter dfcbkbcf
dfcbkbq dfkthbz dfkthf dfktynby dfktynbyf dfvgbh dharma diablo dialog diamante diamon diamond diamonds diana dianne diao diaper dick
dickhead dickie dicks dicky diego diehard diesel dietcoke dieter digger diggler digimon digital dilbert dildo dilligaf dillon dima
dimas dimitri dimples dinamo dinara dindom ding dingdong dingo dinosaur diosesamor diosesfiel dipper dipset dipshit dipstick
director dirtbike dirty dirtydog disco discover discovery discus disney disturbed diver divine diwtgm dixie django dkflbckfd dkflbr
dkflbvbh dmitriy dnsadm doberman doctor dodge dodger dodgeram dodgers dogbert dogbone dogboy dogcat dogdog dogface dogfood dogg
dogger doggie doggies doggy doghouse dogman dogpound dogs dogshit dogwood doit doitnow doktor dolemite dollar dolores dolphin
dolphins domenico dominic dominican1 dominik dominika dominion dominiqu dominique domino donald donjuan donkey donna donner dont4get
dontknow donuts doobie doodle doofus doogie dookie doomsday doraemon dorothy dortmund dotcom doubled doudou doughboy dougie douglas
downhill download dpbk draco dracula drago dragon dragonba dragonball dragonballz dragonfl dragonfly dragons dragoon dragster drakon
draven dream dreamcas dreamcast dreamer dreams dresden drifter driller driver drizzt drjynfrnt droopy dropkick drowssap drpepper
drummer dt123456 dthjybrf dtkjcbgtl dtxyjcnm duan dublin ducati duchess duck duckie duckman ducks dude dudeman dudley duffer duffman
dumbass duncan dundee dungeon dupont duracell durango duster dustin dusty dutchess dutchman dwade dylan dynamite dynamo eagle eagles
earnhard earthlin earthlink eastside eastwood easy eatme eatmenow eatpussy eatshit eclipse eddie eduard eduardo education edward
eeeeee eeyore egghead eggman eggplant eh1k9oh eileen einstein ejaculation ekaterina elaine elcamino eldiablo eldorado eleanor
electra electric electro electron elefant elefante element elena eleonora elephant eleven elijah elisabet elisabeth elizabet
elizabeth elizaveta ellie elliot elliott elodie elvira elvis elvisp elway emanuel emanuele embalmer emerald emerson emilia emilie
emilio emily eminem emma emmanuel empire encore energy enforcer engage engineer england english enigma enrico enrique enter enterme
enternow enterpri enterprise entropy epsilon eraser erection eric erica ericsson erika ernest ernesto erotic erotica escalade escape
escorpio escort eskimo esmeralda esperanza espresso esquire esteban esther estrella estrellita eternal eternity ethan etoile eugene
eunice euphoria eureka europa evanescence evangeli evangelion evelyn ever everest evergreen everlast everton evgeniy evildick
evolutio evolution evony excalibu excalibur excite exigen exigent exodus exotic explorer express extreme f**k fabian fabie fabienn
fabio fabric fabrizio fabulous facebook facial faggot fairlane faith faithful fake falcon falcons fallen fallout familia family
familyguy famous fandango fang fantasia fantasti fantasy fantomas farfalla farmboy farmer farscape farside fart fashion fast4u
fastball faster fatass fatboy fatcat father fatima fatman fatty favorite favour fduecn fearless feather feathers february federica
federico feelgood felicia felicidad felicidade felipe felix fellatio fellow fender fenerbahce feng fenris fenway fergie fergus
fernand fernanda fernandez fernando ferrari ferret fester fetish ffffff fghtkm fgtkmcby fhvfutljy ficken fidelio fidelity fiesta
figaro fighter filippo filter finalfantasy finder finger fire fireball firebird fireblad fireblade firefigh firefly firefox firehawk
fireman firenze firestorm firewall fish fishbone fishcake fisher fisherma fisherman fishes fishface fishhead fishin fishing fishon
fishtank fisting fitness fitter fivestar fkbyjxrf fktrcfylh fktrcfylhf fktrctq fktyrf flamengo flames flamingo flanker flash flasher
flashman flathead flatron fletch fletcher flexible flicks flipflop flipper floppy florence flores florian florida flounder flower
flowers fluff fluffy flvbybcnhfnjh flyboy flyer flyers flyfish flying fondoom foobar footbal football footjob ford fordf fordtruc
foreplay foreskin forest foreve forever forfun forget forgetit forgot forlife formula forsaken fortuna foryou fossil foster fosters
fountain foxpass foxtrot foxy foxylady fqrg7cs fr2rfq7xl franc france frances francesc francesca francesco francine francis francisc
francisco franco francois frank frankie franklin franky freak freaks freaky freckles fred freddie freddy frederic frederick frederik
fredfred free freebird freedom freee freefall freeman freepass freeporn freesex freestyle freeuser freeway freewill frenchie frenchy
fresh friday friend friends friendship friendster fright frisco frisky frodo frog frogger froggy frogman frogs front frontier frosch
frosty fruitbat fu7u4a fubar fuck fuck_inside fucked fucker fuckers fuckface fuckfuck fuckhead fuckher fucking fuckinside fuckit
fucklove fuckme fuckoff fuckthis fucku fuckyo fuckyou fugazi fujifilm fujitsu fuk19600 fukkc fuku fulham fullback fullmoon funky
funny funstuff funtime funtimes furball fusion fussball futbol futurama future futyn007 fuzzball fuzzy fyfcnfcbz fyfnjkbq fylhtq
fytxrf fyutkbyf fyutkjxtr g-unit g13916055158 g2w3e4r g9l2d1fzpy gabber gabby gabrie gabriel gabriela gabriele gabriell gabriella
gabrielle gadget gaell gagged gagging galant galatasaray galaxy galina gallaries galore gambit gambler gameboy gamecock gamecube
gameover games gamma ganda gandako gandalf ganesh ganesha gangbang gangbanged gangsta gangster gannibal ganteng garcia garden gareth
garfield gargoyle garion garrett gasman gateway gatit gator gatorade gators gatsby gawker gbhfvblf gbpltw geezer gegcbr geheim
gemini general generic genesis geng genius georg george georgia georgina gerald geraldine gerard gerbil german germany geronimo
gerrard gertrude gesperrt getmoney getout getsome gfgfvfvf gfhjkm gfhjkmgfhjkm gggggg ghbdtn ghbdtnbr ghbdtndctv ghbdtnrfrltkf
ghblehjr ghbrjk ghbywtccf ghetto ghhh47hj ghjcnbnenrf ghjcnj ghjcnjgfhjkm ghjcnjnfr ghjuhfvvf ghost ghostrider gianluca gianni
giants gibson gideon gigabyte giggles gilbert gilles ginger giorgi giorgio giovanna giovanni giraffe girlfriend girls giulia
giuseppe gizmo gizmodo gjkbyf gladiato gladiator gladys glamour glendale glitter global globus glock gloria gmoney gn56gn goalie
goat goaway gobears goblin goblue gobucks gocubs godbless goddess godfathe godfather godisgood godisgreat godislove godlike godsmack
godspeed godzilla gofast gofish goforit gogators gogogo gohome goirish goku goldberg golden goldeney goldeneye goldfing goldfish
goldie goldstar goldwing golf golfball golfcourse golfer golfgti golfing goliath gollum gonavy gong gonzales gonzalez gonzo goober
good goodboy goodday goodgirl goodie goodluck goodman goodness goodtime goodyear goofball goofy google gooner goose gopher gordo
gordon gorgeous gorilla gorillaz gotcha goten gotenks goth gotham gothic gotmilk gotohell gotribe govols grace gracie graham gramma
granada grandam grandma grandpa1 granny grapes gratis graywolf grease great greatone greedisgood green greenbay greenday greenman
greens greentea gregor gregory gremlin grendel gretchen gretzky greywolf griffey griffin grin grinch gringo grisha grizzly gromit
groove groovy groucho groupd grumpy grunt gryphon gsxr gthcbr gtnhjdbx guadalupe guai guang guardian guest guillaum guillaume
guillerm guillermo guiness guinness guitar guitars gumby gundam gunnar gunner gunners gustav gustavo guyver gwerty gymnast gypsy
h1xp2z2duk habibi hack hacked hacker hacking haggis haha hahaha hahahaha hailey hairball hairy hakr haley halflife halifax hallo
hallowee halloween halo hambone hamburg hamilton hamish hamlet hammer hammers hamster handball handsome handyman hannah hannes
hannibal hansol hansolo hanuman happines happiness happy happyday happydays happyman harald hardball hardcock hardcore harddick
hardon hardone hardrock hardwood hariom harle harlem harley harmony harold harrier harris harrison harry harrypotter harvest harvey
hassan hattrick havana havefun hawaii hawaiian hawkeye hawkeyes hawthorn hayabusa hayden hayley hbf28w heart hearts heater heather
heaven heckfy hector hedgehog hehehe heidi heineken hejsan helena helene hell hellas hellboy hellfire hello hellohel hellohello
hellokitty helloo hellos hellothere hellsing hellyeah helmet helmut helper helpme hemi hemlock hendrix heng henrik henry hentai
herbert herbie hercules herewego herman hermes hermione hernandez hershey heslo hesoyam hetfield hewlett hex[3030303030300d
hex[3131313131310d hex[3131323233330d hex[3132333132330d hex[3132333332310d hex[313233340d hex[31323334350d hex[3132333435360d
hex[313233343536370d hex[31323334353637380d hex[3132333435363738390d hex[313233343536373839300d hex[31713277336534720d
hex[317132773365347235740d hex[3232323232320d hex[3535353535350d hex[3635343332310d hex[3636363636360d hex[373737373737370d
hex[392d31312d313936310d hex[393131313936310d hex[3a hex[6173646667686a6b6c3a hex[617364666a6b6c3a hex[6766686a6b6d0d hex[6b2e3a
hex[70617373776f72640d hex[7177657274790d hex[7a6b2e3a hex[7a786376626e6d3a hex[d0c
hex[f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e
hex[f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e
hex[f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e
hex[f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e
hex[f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e0f02bd0f9f0e
hex[f0a6d0e5d0e2f0a6f0c1f0a heyhey heynow hfjdk hfytnrb hhhhhh hidden highbury highheel highland highlander highlife hihihi hiking
hilary hillbill hillside hiphop hippie history hitachi hithere hitler hitman hiziad hjccbz hjvfirf hobbes hobbit hockey hogtied
hokies hola holahola holden holein holger holiday holland hollister holly hollywoo hollywood holycow holyshit home homeboy homebrew
homelesspa homemade homepage homer homerj homers homerun honda hondacbr hondacivic hondas honduras honesty honey honeybee honeybun
honeys hongkong honolulu hookem hooker hookup hooligan hoops hoosier hoosiers hooter hooters hootie hopeful hores horizon horndog
hornet hornets horney horny horse horseman horsemen horses hot4u hotass hotbox hotboy hotdog hotgirl hotgirls hotmail hotmama1
hotone hotpussy hotred hotrod hotsex hotshot hotstuff hott hottie hotties houdini hounddog house housewifes houston hover howard
hsu75kpot http htubcnhfwbz huai hudson hugetits hughes hugoboss huhbbhzu78 hummer hunte hunter hunting hurrican hurricane husker
huskers huskies hustler hyperion hyundai iamgod iamnumber1 iamthebest ib6ub ibanez ibilltes ibrahim iceberg icecream icecube
icehouse iceman ichliebedich idefix idontkno idontknow idunno iforget iforgot ig4abox igor iguana ihateu ihateyou ijrjkfl iklo
ilikeit ilikepie illini illinois illmatic illusion ilove ilovechris ilovegod iloveher ilovehim ilovejesus iloveme ilovemom
ilovemusic ilovemymom ilovemyself ilovepussy ilovesex iloveu iloveyo iloveyou iluvu ilya1234 imagine imation imissyou immortal
impala imperial implants impreza imtheman incorrect incubus india indian indiana indians indigo indonesia inferno infiniti infinity
info information ingrid inlove innocent insane insanity insert inside insomnia inspiron install integra intel inter interacial
intercourse interests international interne internet intrepid intruder inuyasha iomega ip76k ipswich ireland irina irinka irish
irishka irishman iriska ironmaiden ironman isabel isabella isabelle isaiah iscool island islander ismail israel istanbul istheman
italia italiano itisme itsme iubire ivan ivanov ivanova iverson iw14fi9j iw14fi9jxl iwantu ix6s1fceh j123456789 j38ifubn j3qq4h7h2v
j4ye3uz jabber jabroni jack jackal jackass jacket jackie jackjack jackoff jackpot jackson jacob jacobs jacqueline jagger jaguar
jaguars jaimatadi jajaja jakarta jakcgt333 jake jakjak jamaica james jamesbon jamesbond jamess jamie jammer jammin janice janine
janjan january japanees jarhead jasmin jasmine jason jasper java javelin javier jaybird jayden jayhawk jayhawks jayjay jayson jazmin
jazmine1 jazzman jazzy jean jeanette jeanne jedi jediknig jeep jeeper jeepster jeff jefferso jefferson jeffery1 jeffhardy jeffrey
jehovah jello jelly jellybea jellybean jenn jenna jennaj jennie jennife jennifer jenny jeremiah jeremy jericho jerkoff jermaine
jerome jerry jersey jesse jessic jessica jessie jester jesucristo jesus jesuschris jesuschrist jesusfreak jesusis1 jesusislord
jesussaves jetaime jeter jethro jets jetski jewels jezebel ji394su jiang jiao jiggaman jillian jimbo jimbob jimmy jimmys jing jingle
jiong jjcg16dj5k jjjjjj jktxrf jktymrf joanna joanne jobs jobsearch jocelyn jockey joebob joecool joejoe joejonas1 joel joemama joey
johann johanna johannes john johnboy johncena johndeer johndeere johndoe johngalt johnjohn johnny johnson jojo jojojo joker jokers
jomama jonas jonathan jones jonjon jonny jorda jordan jose joseluis joseph josephin josephine josh joshu joshua joyjoy joystick
jrcfyf jsbach juancarlos juanita juanito jubilee judith juggalo jughead juice juicy julia julian juliana julie julien juliet
juliette julius jumbo jumper jumpman jundian2011xr junebug jungle junio junior junjun junkie junkmail jupiter jurassic just4fun
just4me justdoit justice justin justinbieb justinbieber justine justme juventus k.lvbkf k2cizcdp ka_djkhjsy kaboom kahlua kahuna
kaiser kaitlyn kakashi kakashka kaktus kalina kamasutra kamikadze kamikaze kamila kamilla kangaroo kansas karachi karate karen
karina karolina kashmir kasper katana katarina katelyn katerina katherine kathleen kathryn kathy katie katrin katrina kawasaki kayla
kaylee kayleigh kazantip kcchiefs kcj9wx5n keeper keepout keith kelly kelsey kelvin kendall kendra keng kennedy kenneth kennwort
kenny kenobi kenshin kent kentucky kenwood kenworth kermit kernel kerouac kestrel kevin keyboard keystone keywest kfcnjxrf kfgjxrf
kfhbcf kickass kicker kickflip kicksass kidrock kieran kifj9n7bfu kikeunyw kiki kikimora killa killbill kille killer killers killjoy
killme kilroy kimberly kimmie kinder king kingdom kingfish kingkong kingpin kingston kinky kipper kirill kirsten kirsty kiss kisses
kisskiss kissme kissmyas kissmyass kiteboy kitkat kitten kittens kitty kittycat kittykat kittys kiwi kjkszpj kjrjvjnbd kkkkkk
kkkkkkk kkkkkkkk klaste klaster kleopatra klingon klizma klondike knickerless knickers knicks knight knights knockers knopka
knuckles kobe kodiak kojak kokoko kokomo kolbasa kolobok kolokol komodo komputer konstantin kool koolaid kordell korn koroleva
korova koshka kosmos kostya kotaku kotenok kramer krasotka krishna kristen kristi kristian kristin kristina kristine krokodil krolik
kronos krusty krypton krystal ksenia ksusha ktyjxrf kuai kuang kucing kume kungfu kurt kyle labrador labtec lacoste lacrimosa
lacrosse laddie ladybug ladygaga laetitia lagnaf laguna lakers lakeside lakewood lakota lakshmi lala lalakers lalala lalalala
lambchop lambda lamborghini lamer lampard lancelot lancer landon landrove lane lansing lantern lapochka laptop larisa larissa larry
laser laserjet lassie lastfm lasvega lasvegas latinas latino laura lauren laurence laurent laurie lavalamp lavender lawrence lawyer
layout layouts lazarus lback leanne leather leavemealone lebowski lebron ledzep leedsutd leelee left4dead lefty legacy legend legion
legolas leinad lekker lemans lemmein lemonade leng lennon lenochka leonard leonardo leonid leonidas leopard leopold lesbian lesbians
leslie lespaul lestat lester leticia letmei letmein letmeinn letmesee letsdoit letsfuck letsgo letter lexmark lexus lfitymrf lfybbk
lhfrjy liang liao libero libertad liberty library lick licker licking lickit lickme lifehack lifesucks lighter lighthou lighthouse
lightnin lightning lights lilbit lilian liliana liliya lillian lilly lilmama lilman lilwayne limewire lincoln linda lindros lindsay
lindsey lineage linked linkedin linkin linkinpark lion lionel lionhear lionheart lionking liquid lisa lithium little littleman
livelife liverpoo liverpool livewire lizard lizottes lizzie lizzy ljxtymrf lkjhgfdsa llllll lobo lobster lockdown lockerroom loco
logan logger logitech loki lokomotiv lol12345 lola lolipop lolita lollipop lollol lollypop lolo lolol lololo londo london lonely
lonesome lonestar lonewolf longbow longdong longhair longhorn longhorns longjohn longshot looker looking lookout looser loredana
lorena lorenzo lorraine losangeles loser losers lotus louis louise loulou louloute lourdes love love4ever love4life love4u lovebug
lovehate lovehurts loveislife loveit loveless lovelife lovelove lovely loveme lover loverboy lovergirl loverman lovers lovesex
lovesucks1 loveu loveya loveyou loving lovingyou lowrider ltybcrf luan luca lucas luciano lucifer lucky luckydog luckyone lucy
ludacris ludmila lumber lumina lunchbox lupita lust lvbnhbq m123456789 m2do5bs macaroni macbeth macdaddy macgyver machine macintos
mackenzie macmac macman macross madagascar madagaskar madala11 madcat maddie maddog madeline madina madison madman madmax madness
madonna madrid maestro mafia maganda magdalena magelan magellan maggi maggie maggot magic magician magick magicman magnet magneto
magnolia magnum magnus magpie magpies mahal mahalkita mahalko maiden mailcreated mailman maison majestic makaka makaveli makayla
makeitso maksim maksimka malachi malaka malaysia malcolm malibu malice malika malina malish mallard mallorca mallrats mama mamacita
mamama mamamama mamamia maman mamapapa mamas mamita mamma mammamia mamochka manager manchest manchester mancity mandarin mandingo
mandrake mandy manfred mang mango mangos manhatta maniac manish mankind manman mannheim manolo manowar manson mantis mantle manuel
manuela manunited manutd maprchem maradona marajade marathon marauder marbles marcel marcela marcello marcelo marcin marcius marco
marcos marcus margaret margarit margarita margot maria mariah mariam marian mariana marianna marianne marie marijuan marijuana
marika marilyn marina marine mariner mariners marines marino mario marion mariposa marisa marishka marisol marissa marius mariya
marjorie mark marker marketing markie markiz markus marlboro marlene marley marlon maroon married marseill marseille marshall marta
martha martin martina martine martinez martini marvin mary maryam maryjane masamune maserati mash mason massimo massive maste master
masterbate masterbating mastermind masterp masturbation matador matchbox mate matematica mateusz mathew mathieu mathilde matias
matilda matisse matrix matt matteo matthe matthew matthias mattie matty mature maureen maurice mauricio maurizio maveric maverick
maxdog maxell maxim maxima maxime maximilian maximka maximus maxine maxmax maxpower maxwell maxx maxxxx mayday mayhem mazafaka mazda
mazdarx mckenzie mclaren meadow meandyou meatball meathead meatloaf mechanic mechanical medic medicine medion medusa medved megadeth
megaman megan megane megaparol megapass megasecret megatron meghan meister melanie melina melinda melisa meliss melissa mellon
mellow melody melons melrose melvin member mememe memorex memory memphis menace mendoza meng menthol mentor meowmeow mephisto
mercede mercedes mercury meredith meridian merlin merlot mermaid mersedes messenger messi messiah metal metall metallic metallica
metroid mets mexican mexico miami miamor mian miao michae michael michaela michal micheal michel michele michelle michigan mick
mickey mickeymouse micro microlab micron microphone microsof microsoft midget midnight midnite midway mierda mighty migue miguel
mihail mikael mike mikey milagros milamber milan milana milano milena miley milkman milkyway millenium miller millie million
millwall milton mimi mine minecraft mingus minime minimoni minnesot minnie miracle mirage miranda miriam mischief misfit misfits
mishka misiek mission mississi mississippi missy mister mistress misty mitchell mittens mizzou mmmmmm mmmmmmmm mnbvcx mnbvcxz mobile
mobydick modelsne modena mohamed mohammad mohammed mohawk moimoi mojo mojojojo mollie molly mollydog moloko molson momdad mommy
momof momoney monaco monalisa monamour monarch monday mondeo mone money moneymaker moneyman moneys mongoose monic monica monika
monique monitor monke monkey monkeybo monkeyboy monkeys monolith monopoly monster montag montana montecar monterey montgom montreal
montrose monty moocow mookie moomoo moonbeam moondog moonligh moonlight moonshin moose mooses mopar mordor morena moreno morgan
morgane moritz morning morozova morpheus morris morrison morrowind morten mortgage morticia mortimer moscow moskva motdepasse mother
motherfu motherfucker motherlode motocros motocross motorola mountain mouse mouser movies mozart ms0083jxj mudar mudvayne mufasa
muffin muhammad mulder mullet multiplelo multiplelog mumbai munch munchkin muppet murphy murray murzik musashi muscle muscles
mushroom music musica musicman musique mustafa mustang mustangs mustard mutant my2boys my2girls my2kids my3girls my3kids my3sons
myangel mybaby mydick myfamily myfriend mygirl mykids mylife mylove mymother myname mynameis mynoob mypass mypasswo mypassword
myself myspace myspace.co mystery mystic myxworld n0=acc3ss n8zgt5p0shw nadine naked namaste nana nancy nang nanook napalm napass
napoleon napoli napster narnia naruto nascar nastenka nastia nasty nastya natali natalia natalie nataly natalya natascha natasha
natedogg nathalie nathan nathanie nathaniel national nature naughty nautica nautilus navajo navigator navyseal nazgul nbvjatq
ncc1701a ncc1701d ncc1701e ncc74656 nebraska needforspeed nellie nelson nemesis nemrac58 neng neon neptune netlog netscape network
networking nevada never neveragain nevermin nevermind nevermore nevets newark newbie newcastl newcastle newjob newlife newman
neworder newpass newpassword newport newproject2004 newstart newton newyear newyork nextel nfnmzyf nfytxrf nguyen niang niao niceass
niceguy nicetits nicholas nichole nick nickel nickjonas nico nicola nicolas nicole nigeria nigga nigger nightmar nightmare nightowl
nightwin nightwish nike nikita nikitos nikki nikola nikolai nikolas nikolay nimbus nimrod nina nineball nineinch niners ning ninja
ninjas nintendo nipper nipple nipples nirvana nissan nitram nitro nittany nks230kjs nnnnnn nobody nocturne nofear nokia nokian
nolimit nomad nomore noname nong nonmember noodle noodles nookie nopass nopassword norman normandy norte norton norwich nosferatu
nostromo notebook nothing notredam notused nounou nounours novell november noway nthvbyfnjh ntktajy ntktdbpjh nuan nude nudes nudist
nugget nuggets null number nursing nutella nutmeg nuttertools nwo4life nygiants nyjets nylons nymets nympho nyq28giz1z oakland oasis
oatmeal obelix oberon obiwan oblivion obsidian oceane oceans ocpoook october octopus odessa odi15ngxb odyssey office ohiostate1
ohmnamah ohshit ohyeah oicu oilers oklahoma okokok oksana olamide olayinka oldman oleg olenka olesya olga oliver olivia olivier
oluwaseun olympus omarion omega omni omsairam onelove onepiece onetime onetwo onion onions online onlyme oooooo opendoor opennow
opensesame openup operator opeyemi optimist optimus oracle orange oranges orchard orchid oreo orgasm orient original orioles orion
orlando oscar osiris othello outback outkast outlaw outsider overkill overlord oxford ozzy p0015123 p0o9i8u p3rat pacers pacino
packard packer packers pacman paco paddle padres paige paintbal paintball pajero pakistan paladin palermo pallmall palmtree paloma
pamela panama panasoni panasonic pancake pancho panda pandas pandora pang panget pangit panhead panorama panter pantera panther
panthers panties pantyhos panzer paolo papa papabear papamama paperino papillon papito paradigm paradise paradox paragon paramedi
paramore paris parker parlament parol parola parrot party pasadena pasaway pascal pass pass1word passat passcode passer passion
passmast passme passpass passport passwd passwor password passwords passwort pastor pasword patata patches pathfind patience patric
patrici patricia patrick patrik patriot patriots paul paula paulie paulina pauline pavel pavement pavilion pavlov payday payton
pazzword123 pdtplf pe#5gz29ptzmse peace peach peaches peachy peanut peanuts pearljam pearls pebble pebbles pecker pedro peekaboo
peeper peewee pegasus pelican pencil penelope penetration peng penguin penguins penis penny pennywis penthous pentium people pepito
peppe pepper pepsi perfect persik persona personal pertinant pervert peter peterbil peterpan petrov petrova petrovich petunia
peugeot peyton phantom pharao pharmacy phat pheonix phialpha philip philippe philips phillies phillip philly phish phoebe phoeni
phoenix phone photos phpbb pian pianoman piao piazza picard picasso piccolo pickle pickles pickup pics pictuers picturs piercing
pierre pigeon piggy piglet pigpen pikachu pillow pimp pimpdadd pimpdaddy pimpin pimping pinball pineappl pineapple pinetree ping
pingpong pinhead pink pinkfloy pinkfloyd pinky pinnacle pioneer pipeline pippen pippo piramida pirate pirates pisces pissing pissoff
pistol pistons pitbull pitchers pixies pizdec pizza pizzahut pizzaman pizzas pk3x7w9w placebo planet plasma plastic plastics
platinum plato platon platypus playa playball playboy player playmate playstat playstation playtime please ploppy plumber pluto
plymouth pobeda pogiako point poison poisson poiuyt poiuytrewq pok29q pokemo pokemon poker poland polaris police polina polniypizdec
polo polopolo polska pompey pompier poncho pong pontiac pony poochie poodle pooh poohbear pookey pookie pooky pool poontang poop
pooper poophead poopie poopoo pooppoop poopy pooter popcorn popeye popopo popova popper poppop poppy poptart porkchop porn pornking
porno pornographic pornos pornstar porsche porter portland portugal poseidon positive possum postal postman potato pothead potter
powder power powerman powers pppppp praise prayer preacher preciosa precious predator prelude premium presario presiden president
presto preston pretty prettyboy1 prettygirl primavera primus prince princes princesa princess princesse princeto pringles printer
priscilla prissy private privet priyanka prodigy professional project projectsadminx promise prophet prosper proton proview prowler
proxy prozac psycho puck puddin pudding puertorico puffin puffy pufunga pugsley pulsar pumper pumpkin pumpkins punisher punk punker
punkin punkrock puppies puppy puppydog pupsik purdue purpl purple pushkin puss pussey pussie pussies pussy pussy4me pussycat
pussylover pussyman pussys putter pyon pyramid python q1234567 q123456789 q1q1q q1q2q q1q2q3q4 q1q2q3q4q5 q1w2e q1w2e3r q1w2e3r4t
q1w2e3r4t5y q2q3q q2w3e q2w3e4r q2w3e4r5t q2w3e4r5t6y q2w3e4r5t6y7u q2w3e4r5t6y7u8i9o0p qa2ws qa2ws3ed qarglr qawsed qawsedrf
qawsedrftg qaz!qaz qaz123456 qaz123wsx qaz1qaz qaz2ws qaz2wsx qaz2wsx3edc qazqaz qazws qazwsx qazwsxed qazwsxedc qazwsxedcrfv qazxcv
qazxsw qazxsw23edc qazxswedc qazzaq qdujvyg5sxa qiang qiao qing qiong qq123456 qqqq qqqqq qqqqqq qqqqqqq qqqqqqqq qqqwww qqww
qti7zxh18u quan quant4307s quantum quartz quasar quattro queen queenie queens quentin quest quincy qw123321 qw123456 qw12qw qw23we
qw34er qwas qwaszx qwe1122334 qwe12345 qwe123456 qwe123qwe qwe1asd qweasd qweasdzx qweasdzxc qwedsa qwedsazxc qweewq qweqwe
qweqweqwe qwer qwerasdf qwerasdfzxcv qwerqwer qwert qwerty qwertyqwerty qwertyu qwertyui qwertyuio qwertyuiop qwertz qwqwqw r2d2c3po
r968ji9ufj rabbit rabbits rabota racecar racer racerx rachael rachel rachelle racing radeon radio radiohea radiohead raduga rafael
ragnarok rahasia raider raiders raiderz1 rainbow rainbows rainman rainyday raistlin rajesh rambler rambo ramesh ramirez ramjet
rammstei rammstein ramona ramones rampage ramrod ramses rancid random randy rang ranger rangers raphael raptor raquel rascal rasdzv
rasmus rasputin rasta rastaman ratboy ratman raven ravens raymond rayray razor razz rbhbkk rctybz rdfhnbhf reader realmadrid reaper
rebecca rebel rebelde rebels rebound reckless redalert redbaron redbird redbone redbull redcar reddevil reddog reddwarf redeye
redfish redfox redhat redhead redheads redhot redlight redline redman redneck redred redrose redrum reds redskin redskins redsox
redstar redstorm redwing redwings redwood reebok reefer reflex reggae reggie regina register reload reloaded remember remingto
renata renato renault renee renegade reng rental reptile requiem rereirf rescue research resident respect restart retard revival47
revoluti revolution revolver rewq rfgbnjirf rfgecnf rfhbyf rfhfvtkmrf rfhfylfi rfhlbyfk rfhnjirf rfnthbyf rfntymrf rfrfirf rfrnec
rfvfcenhf rhbcnbyf rhfcfdbwf rhfcjnrf rhino rhinos rhjrjlbk rhtdtlrj rhubarb ricard ricardo riccardo richar richard richie richmond
ricky riffraff rightnow riley ringo ripken ripper ripple riverrat riversid rjhjkm rjhjktdf rjirfrgbde rjntyjr rjs1la2qe rjs1la7qe
rjs5la8qe rjycnfynby roadkill roadking roadrunn roadrunner roadster robbie rober robert roberta roberto robin robinson robocop robot
robotech robotics rochelle rock rocker rocket rockets rockford rockhard rockie rockies rockin rocknrol rocknroll rockon rocks
rockstar rocky rockyou rodeo rodman rodney rodrigo rodriguez roger rogue roland rolex roller rollin rolltide romain roman romance
romania romans romashka romeo rommel ronald ronaldinho ronaldo rong ronnie roofer rookie rooney rooster roosters rootbeer rosario
roscoe rose rosebud rosemary rosewood rosie rosita roswell rotten rough route rover rovers roxanne royals rrrrrr rsavoy rtyuehe ruan
rubber rubble rudeboy rufus rugby rugger rulez rulezzz rumble runaway runescape runner running rupert rush rushmore ruslan russell
russia rustam rusty rustydog ryan s123456789 sabbath sabina sabine sabres sabrina sachin sadie safari safety sagitario sahara
saibaba saigon sailboat sailing sailor sailormoon saints sairam saiyan sakura salamander salami salasana saleen sally salman salmon
salome salomon salope salsero salvador salvation salvator salvatore samanth samantha samara sambo sameer samiam samira samm sammie
sammy samoht sample sampson samsam samson samsun samsung samtron samuel samurai sanane sanchez sancho sandeep sandiego sandman sandr
sandra sandrine sandro sandy sanfran sanity sanjay santafe santana santiago santos santosh sapper sapphire sara sarah sarajevo
saratoga sarita sasasa sascha sasha saskia sassy sasuke satan satana satellite saturn saun sauron sausage sausages savage savannah
savior saxophon sayang sayangku scamper scania scanner scarface scarlet scarlett schalke schatz scheisse school science scirocco
scooby scoobydo scoobydoo scooter scorpio scorpion scorpions scotch scotland scott scotty scout scrabble scrapper scrappy scream
screamer screwyou scruffy scuba scully seabee seadoo seagull seahawks sealteam seamus sean searay search season seattle sebastia
sebastian sebastien sebring secret security sedona seductive seeker segblue seinfeld sekret select selena seminole semper semperfi
senators seneca seng senha senior09 senna sensei sentinel sentnece sephirot sephiroth septembe september serega serena serenity
sergbest sergei sergey sergi sergio serpent sersolution server service sesame seven sevenof9 sevens severin sex4me sexgod sexman
sexo sexsex sexsexsex sextoy sexual sexx sexxx sexxxx sexxxy sexxy sexy sexy4u sexybabe sexybeast1 sexybitch sexyboy sexygirl
sexylady sexylove1 sexymama sexyman sexyone sf49ers sfgiants shado shadow shag shaggy shai shakira shalom shaman shampoo shamrock
shamus shane shaney shang shanghai shania shanna shannon shao shaolin shark sharks sharky sharma sharon sharp shasta shaved shawn
shazam sheba sheeba sheena sheepdog shei sheila shelby shelley shelly shemale shen sheng sherlock sherman sherry shibby shiloh
shiner shinigami shinobi shirley shit shitface shithead shitty shocker shodan shogun shojou shonuf shooter shopping shorty shotgun
shou showme showtime shredder shuai shuang shui shun shuo shutup sidekick sidney siemens sierra sigma sigmachi silver silverad
silverado silvia simba simon simona simone simple simpleplan simpson simpsons simran sinatra sinbad singapor singapore singer single
sinister sinned sinner sirius sissy sister sithlord sixers sixpack sixty sk84life sk8board sk8ordie sk8ter skate skate4life
skateboard skater skeeter skibum skidoo skiffy skiing skillet skinhead skinny skipper skippy skittles skolko skorpion skydive
skydiver skyhawk skylar skylark skyler skyline skywalke skywalker slacker slamdunk slammer slapnuts slapper slappy slapshot slave
slavik slayer sleeper sleepy slick slider slim slimshad slimshady slinky slipknot slippery sliver slonik slowhand slugger sluggo
slut sluts slutty smackdow smackdown smallville smart smartass smashing smeghead smegma smelly smile smile4me smiles smiley smirnoff
smirnov smirnova smith smiths smitty smoke smoker smokes smokey smokie smokin smooth smoothie smudge smurf smut snake snakes snapon
snapper snapple snappy snapshot snatch sneakers sneaky snicker snickers sniper snooker snoop snoopdog snoopy snowball snowbird
snowboar snowboard snowflak snowflake snowman snuffy snuggles sobaka soccer socrates sofia softail softball softtail software
sojdlg123aljg sokolova solaris soldier soledad soleil solitude solnce solomon something sommer sonata sonia sonic sonics sonoma sony
sonyericsson sonyfuck sooners sophi sophia sophie soprano sopranos soso123aljg souljaboy1 soulmate south southpar southpark southpaw
southside sowhat space spaceman spam spanish spank spanker spanking spankme spanks spanky spanner sparhawk sparkle sparkles sparky
sparta spartak spartan spartans spawn speaker special specialk spectre spectrum speedo speedy spencer sperma sphinx spice spider
spiderma spiderman spidey spike spiker spikes spikey spinner spiral spirit spitfire splash spliff splinter spock sponge spongebo
spongebob spooge spooky spoons sporting sports sporty spotty spring sprint sprinter sprite sprocket sprout spud spunky spurs sputnik
spyder sqdwfe squall squash squeak squerting squirrel squirt srinivas ssssss ssyu stacey stalin stalker stallion standard stang
stanislav stanley star starbuck starbucks starcraf starcraft stardust starfire starfish stargate starligh starlight starlite starman
stars starship start starter startfinding startrek starwar starwars stasik static status stayout stealth steaua steeler steelers
stefan stefania stefanie stefano steffi stella stellar stellina stepan steph stephane stephani stephanie stephen stereo sterlin
sterling sterva steve steven stevie stewart stickman sticks sticky stiffy stigmata stiletto stimpy sting stinger stingray stinker
stinky stitch stocking stocks stone stonecol stonecold stoned stoner stones stonewal stoney stoppedby storm stormy stranger strap
stratfor stratus strawber strawberry streaming street strelok strength strider strike striker stripper stroker strong stryker stuart
stubby stud student studly studman stumpy stunner stunt101 stupid stylus su123456 suan subaru sublime submit subway subzero success
suck suckcock suckdick sucker suckers suckit suckme suckmydick sucks sugar sullivan sultan summer summertime summit sundance sunday
sundevil sunfire sunflowe sunflower sunlight sunny sunnyday sunrise sunset sunshin sunshine super superb superbow superfly supergirl
superma superman supernov supernova supersonic supersta superstar supra sureno suresh surf surfer surfing surside13 surveyor
survivor susan susana sushi suslik suzanne suzuki sveta svetik svetlana svoboda swallow sweet sweetheart sweetie sweetnes sweetness
sweetpea sweets sweety swimmer swimming swinger swingers swinging swoosh sword swordfis swordfish swords sydney sylveste sylvester
sylvia syncmaster synergy syracuse system syzygy sz9kqcctwy tabasco tabitha taco tacobell tacoma taekwondo tailgate taishan2011
talisman talon tamara tamerlan tammy tampabay tangerin tangkai tango tanker tanner tantra tanya tarakan tardis target tarheel
tarheels tarpon tarzan tasha tasty tatarin tatiana tattoo tatyana taurus taxman taylor taytay tazman tazmania tazz tbone tdutybq
tdutybz teacher teamo techn9ne technics techno teddy teddybea teddybear teen teens teiubesc tekken telechargement telefon telefono
telephon telephone television temitope temp tempest templar temppass temppassword tenchi teng tennesse tennis tequiero tequila
terefon teresa terminat terminator terrapin terrier terror terry test tester testing testpass testtest tetsuo texas thailand
thanatos thankgod thanks thankyou thebear thebeast thebest theboss thecat thecrow thecure thedog thedon thedoors thedude theend
theforce thegame thegreat thekid theking theman theodore theone theresa therock thesims thetruth thewho thierry thirteen thisisit
thoma thomas thompson thong thongs thor threesom thug4life thuglife thumbnils thumbs thumper thunder thunderb tiamat tian tianya
tiao tiberian tiberius tiburon ticket tickle tickling ticklish ticktock tiffany tiger tigercat tigers tigge tigger tights timber
timeout timmy timosha timothy timoxa94 tina ting tinker tinkerbe tinkerbell tinkle tinman tintin tipper titan titanic titanium
titans titfuck titleist tits titten titties titts titty tkbpfdtnf tnk0mk16vx toaster tobias toejam toffee together tokiohotel
tolkien tomahawk tomato tomcat tommy tommyboy tomtom tonton tony toocool toolbox toolman toomuch toon toonarmy tootie tootsie topcat
topdog topgun tophat topher topolino topper topsecret toriamos torino tornado toronto torres tortoise toshiba tosser tottenha
tottenham toulouse toyota trabajo tracer tracker tractor trader trainer tralala trance tranny transam transexual translator trapper
travel traveler travis treasure treble trebor treefrog treetop trek trevor trfnthbyf triangle tricky trident trigger trinidad
trinitro trinitron trinity tripleh tripod tripper trisha tristan triton triumph trixie trojan trojans troll trombone trooper trouble
trousers truck trucker trucking trucks trueblue truelove truffles trumpet trunks trustme trustno tsunami ttd955audg tttttt tucker
tudelft tuesday tujhrf tulips tunafish tundra tuning tupac turbo turkey turnip turtle tuscl tweety twiggy twilight twinkie twinkle
twins twisted twister ty2t1hv3oc tycoon tyler typhoon tyrone tyson u38fa ufkbyf ugd5hip2j uhfybn8888 uiopy ultima ultimate ultra
umbrella umpire undead underdog underground undertak undertaker undertow unicorn unique united univers2l universa universal universe
university unknown unreal uptown upyours uqa9ebw uranus ursitesux usarmy usdopaa user username usmarine usmc usnavy usuckballz
utopia uvgx8f v21wbgad v7upjw3nt vacation vader vadim vaffanculo vagabond vagina valencia valentin valentina valentine valentino
valera valeria valerie valeriya valhalla valkyrie valleywa vampir vampire vampires vancouve vancouver vanessa vanguard vanhalen
vanilla vanille varvara vasilisa vauxhall vbkfirf vector vectra vedder vegeta vegitto vehpbr velvet vendetta venera venom verbatim
veritas verizon vermont veronica veronika versace vertigo vette vfczyz vfhbyf vfhbyjxrf vfhecz vfhnsirf vfhufhbnf vfibyf vfitymrf
vfksirf vflfufcrfh vfndtq vfntvfnbrf vfpfafrf vfrcbv vfrcbvrf vfvekz vfvfgfgf vfvjxrf viagra victor victori victoria victory video
vietnam viewsoni viewsonic viking vikings viktor viktoria viktoriya vincent vincenzo vintage violator violet violeta violetta violin
viper vipergts vipers viphv5j virgin virginia virginie visa vision vitalik vitamin vivian vivitron vjcrdf vjkjrj vjqgfhjkm vkontakte
vlad vladik vladimir vladislav vodafone voiture volcom volkov volkswag volkswagen volley volleyba volleyball volume volvo voodoo
vortex voyager voyeur vqsablpzla vrbgqns vsegda vsjasnel vulcan vvvvvv w1975a w1976a w1977a w1978a w1979a w1980a w1981a w1982a
w1983a w1984a w1985a w1986a w1987a w1988a w1989a w1990a w5txn36alfw w_pass wachtwoord waffle waheguru walker wall.e wallace walleye
walmart walnut walrus walter wanderer wangyut wanker wanking wanted wapbbs warcraft wareagle warez warhamme warhammer warlock
warlord warren warrior warriors warthog wasabi washingt washington wasser wassup watcher water waterboy waterfal waterloo watermelon
waterski watford watson wayne wdtnjxtr weare weasel webhompas webhompass webhost webmaste webmaster websol76 websolutions webster
wedding wednesda weed weezer welcom welcome welder welkom wellingt wellington wendy weng werder werdna werewolf wesley western
westham westlife westside westwood wetpussy wetter wg8e3wjf what whatever whatsup whatthe whatthezor wheels whiplash whiskers
whiskey whisky whisper whistler white whiteboy whiteout whitesox whitey whitney whocares whoknows whore whynot wibble wicked widget
wifey wildbill wildcard wildcat wildcats wildfire wildman wildone wildwood william williams willie willow wilson windmill window
windows windsor windsurf wingman wingnut wingzero winner winnie winston winter wisdom wiseguy wishbone wizard wizards woaini wolf
wolfen wolfgang wolfie wolfman wolfpac wolfpack wolverin wolverine wolves wombat wonder wonderboy wonderfu wonderful wonderland
woodie woodland woodstoc woodstock woodwork woody woofer woofwoof woohoo wookie wordpass wordup wormix wow12345 wp2003wp wr2i7h
wraith wrangler wrench wrestle wrestlin wrestling wrinkle wrinkles wutang wwwwww wxcvbn x2zkg8w x4ivyga51f x7pxr xanadu xander
xantia xavier xbox xerxes xfgs3ii9d xfiles xiang xing xtreme xxxpass xxxx xxxxx xxxxxx xxxxxxxx y6p67ftrqj yagjecc yahoo yahoo.com
yamaha yamahar yamato yankee yankees yaroslav yasmin yasmine ybccfy ybrbnf ybrjkfq yeahbaby yellow yessir yfcntymrf yfdbufnjh yfnfif
yfnfitymrf yfnfkb yfnfkmz yjdsqgfhjkm yoda yogibear yolanda yomama yomomma1 yosemite youandme youbye young youngmoney yourmom
yousuck youtube yoyo yoyoma yoyoyo ytrewq yuantuo yugioh yummy yvette yvonne yzerman z1x2c z1x2c3v z1x2c3v4b5 z2x3c z2x3c4v
zacefron1 zachary zag12wsx zalupa zang zanzibar zaphod zappa zapper zaq12345 zaq12wsx zaq1xsw zaqwsx zaqwsxcde zaqxsw zaqxswcde
zaraza zarina zasada zebra zeng zenith zephyr zeppelin zerocool zeus zhai zhao zhei zheng zhjckfd zhong zhou zhuai zhuang zhui zhun
zhuo zidane ziggy zigzag zildjian zipper zippo zippy zn6fpn01x zodiac zoey zoloto zombie zong zoosk zorro zuan zvezda zxasqw zxcasd
zxcasdqwe zxcv zxcvasdf zxcvb zxcvbn zxcvbnm zxczxc zxzxzx zyjxrf zzzxxx zzzzzz zzzzzzz zzzzzzzz
"""
