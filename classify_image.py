"""The command of the 2018 model example; `classify_image.py -h` lists its flags."""

from imagemood.acumos.classify_image import main

if __name__ == "__main__":
    main()
