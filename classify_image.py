"""The command of the 2018 model example; `classify_image.py -h` lists its flags."""

from imagemood.classic import main

if __name__ == "__main__":
    main()
